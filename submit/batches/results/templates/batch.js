"use strict";
// The rows are in blocks of JSON. A page shows the cards of some rows; pictures are made when their card is shown.
const PER_PAGE = 48;
const blocks = [...document.querySelectorAll("script.block")];
const parsed = new Map();
const index = [];  // of each row: its block, its place in it, its state, and the text that is searched
const byId = (id) => document.getElementById(id);

function block(number) {
  if (!parsed.has(number)) {
    if (parsed.size > 8) parsed.delete(parsed.keys().next().value);
    parsed.set(number, JSON.parse(blocks[number].textContent));
  }
  return parsed.get(number);
}

for (let number = 0; number < blocks.length; number += 1) {
  JSON.parse(blocks[number].textContent).forEach((row, place) => {
    index.push({ number, place, row: row.row, state: row.state, word: row.word,
                 text: `${row.id} ${row.prompt} ${row.error}`.toLowerCase() });
  });
}
index.sort((one, other) => one.row - other.row);

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function picture(data, alt) {
  const image = element("img");
  image.loading = "lazy";
  image.decoding = "async";
  image.width = data.width;
  image.height = data.height;
  image.alt = alt;
  image.src = `data:image/webp;base64,${data.data}`;
  return image;
}

function reference(item) {
  const line = element("li");
  line.append(item.picture ? picture(item.picture, `${item.tag} ${item.name}`) : element("span", "none"));
  const text = element("span", "small");
  const changes = item.changes.length ? item.changes.join(", ") : "unchanged";
  text.append(`${item.tag} ${item.name}`, document.createElement("br"), changes);
  line.append(text);
  return line;
}

function card(row) {
  const made = element("li", "card");
  const frame = element("div", "frame");
  frame.append(row.frame ? picture(row.frame, `First frame of ${row.id}`) : element("span", "small", "no video"));
  const text = element("div", "text");
  const top = element("div", "top");
  top.append(element("h2", "", row.id), element("span", `state ${row.state}`, row.word));
  text.append(top);
  if (row.prompt) text.append(element("p", "prompt", row.prompt));
  if (row.references.length) {
    const list = element("ul", "references");
    list.append(...row.references.map(reference));
    text.append(list);
  }
  if (row.error) text.append(element("p", "problem small", row.error));
  if (row.next) text.append(element("code", "command", row.next));
  const facts = [`row ${row.row}`, row.quoted, row.billed, row.job && `job ${row.job}`].filter(Boolean).join(" · ");
  text.append(element("p", "price small", facts));
  if (row.video) {
    const link = element("a", "small", row.video);
    link.href = `./${encodeURI(row.video)}`;
    text.append(link);
  }
  made.append(frame, text);
  return made;
}

let matching = index;
let page = 0;
let state = "";

function show() {
  const last = Math.max(0, Math.ceil(matching.length / PER_PAGE) - 1);
  page = Math.min(page, last);
  const rows = matching.slice(page * PER_PAGE, (page + 1) * PER_PAGE);
  byId("cards").replaceChildren(...rows.map((item) => card(block(item.number)[item.place])));
  const all = matching.length === index.length;
  byId("count").textContent = all ? `${index.length} rows` : `${matching.length} of ${index.length} rows`;
  byId("page").textContent = `Page ${page + 1} of ${last + 1}`;
  byId("previous").disabled = page === 0;
  byId("next").disabled = page === last;
  document.querySelector(".pages").hidden = last === 0;
}

function filter() {
  const words = byId("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  matching = index.filter((item) => (!state || item.state === state) && words.every((word) => item.text.includes(word)));
  page = 0;
  show();
}

function turn(by) {
  page += by;
  show();
  byId("count").scrollIntoView();
}

const words = new Map(index.map((item) => [item.state, item.word]));
for (const [name, word] of words) {
  const count = index.filter((item) => item.state === name).length;
  const button = element("button", "", `${word} ${count}`);
  button.type = "button";
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    state = state === name ? "" : name;
    for (const other of byId("states").children) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", String(state === name));
    filter();
  });
  byId("states").append(button);
}
byId("find").addEventListener("input", filter);
document.querySelector(".filter").addEventListener("submit", (event) => event.preventDefault());
byId("previous").addEventListener("click", () => turn(-1));
byId("next").addEventListener("click", () => turn(1));
show();
