// Building and changing elements. Texts are only ever put in as text.

export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  set(element, attributes);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function set(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && !key.startsWith("aria-") && key !== "list") element[key] = value;
    else if (value === false || value === null) element.removeAttribute(key);
    else element.setAttribute(key, value === true ? "" : value);
  }
  return element;
}

export const byId = (id) => document.getElementById(id);

// The children of *parent* become *children*; equal ones stay, so that focus and scrolling do.
export function replace(parent, key, make) {
  const text = JSON.stringify(key);
  if (parent.dataset.shown === text) return;
  parent.dataset.shown = text;
  parent.replaceChildren(...[make()].flat());
}

const ICONS = {
  up: "M8 13V3M3.5 7.5 8 3l4.5 4.5", down: "M8 3v10M3.5 8.5 8 13l4.5-4.5", remove: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  grip: "M5 3h2v2H5zM9 3h2v2H9zM5 7h2v2H5zM9 7h2v2H9zM5 11h2v2H5zM9 11h2v2H9z",
};

export function icon(name) {
  return svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

export function svg(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const MARKS = { error: "✗", warning: "!", info: "·" };

export function findings(list, named = false) {
  return list.map((finding) => h("li", {},
    h("span", { className: finding.severity, title: finding.severity }, MARKS[finding.severity]),
    h("span", { title: finding.rule },
      h("span", { className: "unseen" }, `${finding.severity}: `),
      named && finding.subject ? `${finding.subject}: ` : "", finding.message,
      finding.way ? h("span", { className: "way" }, ` – ${finding.way}`) : "")));
}

// Shows *value* in a control, unless somebody is typing there.
export function fill(control, value) {
  if (document.activeElement === control && control.tagName !== "SELECT") return;
  control.value = value;
  control.removeAttribute("aria-invalid");
}

// Marks what was typed where *answer* is a refusal; it stays there to be corrected.
export async function check(control, answer) {
  control.setAttribute("aria-invalid", String(!(await answer)));
}

export function announce(text) {
  byId("announce").textContent = text;
}

let hiding = 0;
export function complain(text) {
  const toast = byId("toast");
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { toast.hidden = true; }, 8000);
}

// Pictures are loaded a few at a time: a browser has six connections, and a change must not wait behind pictures that
// are still being made. Another picture in the place of one is asked for once nothing has changed for a while.
const AT_ONCE = 3;
const REST_MS = 400;
const waiting = [];
const loading = new Set();
const timers = new Map();

export function load(image, source) {
  if (image.dataset.wanted === source) return;
  clearTimeout(timers.get(image));
  timers.set(image, setTimeout(() => { waiting.push(image); pump(); }, image.dataset.wanted ? REST_MS : 0));
  image.dataset.wanted = source;
}

function pump() {
  while (loading.size < AT_ONCE && waiting.length) {
    const image = waiting.shift();
    const source = image.dataset.wanted;
    if (loading.has(image) || image.getAttribute("src") === source) continue;
    const done = () => {
      loading.delete(image);
      if (image.dataset.wanted !== source) waiting.push(image);
      pump();
    };
    loading.add(image);
    image.src = source;
    image.decode().then(done, done);
  }
}

export const between = (least, value, most) => Math.max(least, Math.min(most, value));

export function clock(seconds) {
  const tenths = Math.max(0, Math.round(seconds * 10));
  const minutes = Math.floor(tenths / 600);
  return `${minutes}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}

// *move* gets the events of a drag; a click has none.
export function drag(element, { start, move, end }) {
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    start(event);
    element.addEventListener("pointermove", move);
    element.addEventListener("lostpointercapture", () => {  // let go, or cancelled
      element.removeEventListener("pointermove", move);
      end();
    }, { once: true });
  });
}
