// The cards: one for each reference, in the order in which tags count.
import { call, edit } from "./api.js";
import { announce, byId, check, drag, fill, findings, h, parts, replace } from "./dom.js";
import { Player } from "./player.js";
import { Look } from "./look.js";
import { Timeline } from "./timeline.js";

const EDGE = 70;
const STEP = 12;
const list = byId("cards");
const cards = new Map();

class Card {
  constructor(id) {
    this.id = id;
    this.element = byId("card").content.firstElementChild.cloneNode(true);
    Object.assign(this, parts(this.element));
    this.title.id = `title-${id}`;
    this.element.setAttribute("aria-labelledby", this.title.id);
    this.up.onclick = () => move(this, -1);
    this.down.onclick = () => move(this, 1);
    this.remove.onclick = () => remove(this);
    this.input.onchange = () => check(this.input, edit(id, { name: this.input.value }));
    this.track.onchange = () => edit(id, { track: this.track.value });
    this.player = new Player(id, this.screen);
    this.timeline = new Timeline(id, this.time, this.player);
    this.crop = new Look(id, this.look);
    sortable(this);
  }

  update(data, place, count) {
    this.data = data;
    this.place = place;
    this.element.className = `card ${data.kind}`;
    this.tag.textContent = data.tag ?? "";
    this.label.textContent = data.label;
    this.title.title = data.path || "dropped here";
    this.status.textContent = data.status;
    this.status.className = `status ${data.state === "error" ? "error" : "quiet"}`;
    this.up.disabled = place === 0;
    this.down.disabled = place === count - 1;
    for (const [button, words] of [[this.up, "up"], [this.down, "down"]]) {
      button.setAttribute("aria-label", `Move ${data.label} ${words}, position ${place + 1} of ${count}`);
    }
    this.remove.setAttribute("aria-label", `Remove ${data.label}`);
    this.problem.textContent = data.error;
    this.problem.hidden = !data.error;
    this.body.hidden = !data.kind;
    this.time.hidden = !data.time;
    this.look.hidden = !data.picture?.visible;
    if (!data.kind) {  // it is being read, perhaps again: its pictures are other ones then
      for (const image of this.element.querySelectorAll("img")) image.dataset.wanted = "";
      return;
    }
    this.source.textContent = data.source;
    this.result.textContent = data.result ? `→ ${data.result}` : "";
    this.result.hidden = !data.result;
    fill(this.input, data.name);
    this.input.setAttribute("aria-label", `Name of ${data.label} in the prompt`);
    replace(this.steps, data.steps, () => data.steps.map((step) => h("li", { title: step.because },
      h("span", {}, step.change, h("span", { className: "why" }, step.why.map((why) => ` · ${why}`))))));
    replace(this.findings, data.findings, () => findings(data.findings));
    this.trackLabel.hidden = !data.tracks.length;
    replace(this.track, [data.tracks, data.track], () => data.tracks.map((track) =>
      h("option", { value: track.value, selected: track.value === data.track }, track.label)));
    this.player.update(data);
    if (data.time) this.timeline.update(data);
    if (data.picture?.visible) this.crop.update(data);
  }
}

const ordered = () => [...cards.values()].sort((one, other) => one.place - other.place);
const announcePlace = (card) => announce(`${card.data.label} is ${card.data.tag ?? ""}, position ${card.place + 1}`);

async function move(card, by) {
  if (!(await edit(card.id, { by }))) return;  // no place: the next press may come before the answer
  const button = by < 0 ? card.up : card.down;
  (button.disabled ? (by < 0 ? card.down : card.up) : button).focus();
  announcePlace(card);
}

async function remove(card) {
  const { label } = card.data;
  const order = ordered();
  const next = order[card.place + 1] ?? order[card.place - 1];
  if (!(await call("DELETE", `references/${card.id}`))) return;
  announce(`${label} removed`);
  (next?.remove ?? byId("files")).focus();
}

// Dragging by the grip: the line shows where the card will be.
function sortable(card) {
  let target = null;
  let scrolling = 0;
  const scroll = (event) => {  // near an edge of the window the page moves along
    clearInterval(scrolling);
    const by = event.clientY < EDGE ? -STEP : event.clientY > innerHeight - EDGE ? STEP : 0;
    if (by) scrolling = setInterval(() => scrollBy(0, by), 16);
  };
  const clear = () => cards.forEach((other) => other.element.classList.remove("before", "after", "moving"));
  drag(card.grip, {
    start: () => {
      target = null;
      const from = card.grip.getBoundingClientRect().top;
      const moved = () => from - card.grip.getBoundingClientRect().top;
      list.classList.add("sorting");  // only headers, so that all are near; the one that is dragged stays where it is
      scrollBy(0, -moved());
      list.style.transform = `translateY(${moved()}px)`;
    },
    move: (event) => {
      clear();
      scroll(event);
      card.element.classList.add("moving");
      const others = ordered().filter((other) => other !== card);
      target = others.filter(({ element }) => {
        const box = element.getBoundingClientRect();
        return event.clientY > box.top + box.height / 2;
      }).length;
      const mark = others[target] ?? others[target - 1];
      mark?.element.classList.add(others[target] ? "before" : "after");
    },
    end: () => {
      clear();
      clearInterval(scrolling);
      list.classList.remove("sorting");
      list.style.transform = "";
      card.element.scrollIntoView({ block: "nearest" });
      if (target !== null && target !== card.place) edit(card.id, { place: target }).then(() => announcePlace(card));
    },
  });
}

export function show(state) {
  const known = new Set(state.cards.map((data) => data.id));
  for (const [id, card] of cards) {
    if (known.has(id)) continue;
    card.player.stop();
    card.element.remove();
    cards.delete(id);
  }
  state.cards.forEach((data, place) => {
    if (!cards.has(data.id)) cards.set(data.id, new Card(data.id));
    const card = cards.get(data.id);
    if (list.children[place] !== card.element) list.insertBefore(card.element, list.children[place] ?? null);
    card.update(data, place, state.cards.length);
  });
}
