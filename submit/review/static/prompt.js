// The prompt: completion of names, what the lint says, and what will be sent.
import { call, latest } from "./api.js";
import { byId, findings, h, replace } from "./dom.js";

const area = byId("prompt");
const list = byId("names");
let names = [];
let chosen = 0;
let unsent = false;

function word() {
  const before = area.value.slice(0, area.selectionStart);
  const match = /(?:^|[^A-Za-z0-9_.@-])@([A-Za-z0-9_-]*)$/.exec(before);
  return match ? match[1] : null;
}

function matches() {
  const typed = word();
  if (typed === null) return [];
  const start = typed.toLowerCase();
  return names.filter((name) => [name.word, name.tag].some((text) => text.slice(1).toLowerCase().startsWith(start)));
}

function complete() {
  const found = matches();
  list.hidden = !found.length;
  area.setAttribute("aria-expanded", String(!list.hidden));
  chosen = Math.min(chosen, Math.max(0, found.length - 1));
  list.replaceChildren(...found.map((name, index) => h("li", {
    id: `name-${index}`, role: "option", "aria-selected": String(index === chosen),
    onpointerdown: (event) => { event.preventDefault(); insert(name.word); },
  }, h("span", { className: "tag" }, name.word), h("span", { className: "quiet" }, name.label))));
  if (found.length) area.setAttribute("aria-activedescendant", `name-${chosen}`);
  else area.removeAttribute("aria-activedescendant");
}

function insert(text) {
  const at = area.selectionStart;
  const typed = word();
  const from = typed === null ? at : at - typed.length - 1;
  const space = typed === null && from > 0 && !/\s$/.test(area.value.slice(0, from)) ? " " : "";
  const after = /^\s/.test(area.value.slice(at)) ? "" : " ";
  area.setRangeText(`${space}${text}${after}`, from, at, "end");
  area.focus();
  chosen = 0;
  send();
  complete();
}

function send() {
  unsent = true;
  latest("prompt", async () => {
    const text = area.value;
    await call("PUT", "prompt", { text });
    if (area.value === text) unsent = false;
  });
}

export function start() {
  area.addEventListener("input", () => { chosen = 0; send(); complete(); });
  area.addEventListener("click", complete);
  area.addEventListener("blur", () => { list.hidden = true; area.setAttribute("aria-expanded", "false"); });
  area.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const found = matches();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
      complete();
    } else if (event.key === "Enter" || event.key === "Tab") insert(found[chosen].word);
    else if (event.key === "Escape") list.hidden = true;
    else return;
    event.preventDefault();
  });
}

export function show(state) {
  const { prompt } = state;
  names = prompt.names;
  if (!unsent && area.value !== prompt.text) area.value = prompt.text;
  const used = prompt.text.toLowerCase();
  replace(byId("chips"), [names, names.map((name) => used.includes(name.word.toLowerCase()))], () => names.map((name) =>
    h("button", { type: "button", title: `Insert ${name.word}: ${name.label}`, onclick: () => insert(name.word),
      className: used.includes(name.word.toLowerCase()) || used.includes(name.tag.toLowerCase()) ? "" : "unused" },
    h("span", { className: "tag" }, name.word))));
  replace(byId("prompt-findings"), prompt.findings, () => findings(prompt.findings, true));
  byId("sent").textContent = prompt.sent && prompt.sent !== prompt.text ? `Sent as: ${prompt.sent}` : "";
}
