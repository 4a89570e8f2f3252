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

// The parts of a copy of a template, by their names.
export const parts = (root) => Object.fromEntries([...root.querySelectorAll("[data-part]")].map((element) => [element.dataset.part, element]));

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
    image.decode().then(() => image.classList.add("here"), () => {}).then(done);
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
