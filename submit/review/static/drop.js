// Files and folders that are dropped or chosen, uploaded one after the other.
import { call, upload } from "./api.js";
import { announce, byId, h } from "./dom.js";

const queue = [];
let busy = false;

async function work() {
  if (busy) return;
  busy = true;
  while (queue.length) {
    const { file, line, bar } = queue.shift();
    const taken = await upload(file, (part) => { bar.value = part; });
    line.remove();
    if (taken) announce(`${file.name} added`);
  }
  busy = false;
}

function add(files) {
  for (const file of files) {
    const bar = h("progress", { max: 1, value: 0, "aria-label": `Uploading ${file.name}` });
    const line = h("li", {}, h("span", {}, file.name), bar);
    byId("uploads").append(line);
    queue.push({ file, line, bar });
  }
  work();
}

// The files of a dropped entry; of a folder those that the server takes for media, in its order.
async function filesOf(entry) {
  if (entry.isFile) return [await fileOf(entry)];
  const reader = entry.createReader();
  const entries = new Map();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) break;
    for (const inner of some) entries.set(inner.name, inner);
  }
  const names = (folders) => [...entries.values()].filter((inner) => inner.isDirectory === folders).map((inner) => inner.name);
  const answer = await call("POST", "folders", { name: entry.name, files: names(false), folders: names(true) });
  return Promise.all((answer?.media ?? []).map((name) => fileOf(entries.get(name))));
}

const fileOf = (entry) => new Promise((resolve, reject) => entry.file(resolve, reject));

export function start() {
  const zone = byId("drop");
  byId("files").addEventListener("change", (event) => {
    add([...event.target.files]);
    event.target.value = "";
  });
  const carries = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    zone.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) zone.classList.remove("over"); });
  document.addEventListener("drop", async (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    zone.classList.remove("over");
    const { items, files } = event.dataTransfer;
    const entries = [...items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    add(entries.length ? (await Promise.all(entries.map(filesOf))).flat() : [...files]);
  });
  byId("add-url")?.addEventListener("click", () => {
    byId("url-form").hidden = false;
    byId("url").focus();
  });
  byId("url-form")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await call("POST", "references", { url: byId("url").value })) event.target.reset();
  });
}
