// The one way to the server. Every change answers with everything that the page shows, which goes to the listeners.
import { complain, drag } from "./dom.js";

const listeners = [];
let shown = 0;

export const onState = (listener) => listeners.push(listener);

function take(state) {
  if (state.revision < shown) return;
  shown = state.revision;
  for (const listener of listeners) listener(state);
}

export async function call(method, path, body) {
  let answer;
  try {
    const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
    const response = await fetch(`api/${path}`, { method, ...content });
    answer = await response.json().catch(() => ({ error: response.status === 403
      ? "this page is not let in any more; press Enter in the terminal for a new link"
      : "prep-and-submit failed; the terminal says why" }));
  } catch {
    answer = { error: "prep-and-submit has ended; start it again to continue" };
  }
  if (answer.error) {
    complain(answer.error);
    return null;
  }
  take(answer);
  return answer;
}

export const refresh = () => call("GET", "state");
export const edit = (card, change) => call("PATCH", `references/${card}`, change);

// Calls with the same key never overtake each other: while one is on its way, only the latest of the others waits.
const running = new Map();
export async function latest(key, make) {
  if (running.has(key)) {
    running.set(key, make);
    return;
  }
  running.set(key, null);
  await make();
  const next = running.get(key);
  running.delete(key);
  if (next) latest(key, next);
}

// Whether another call with this key waits for the one that is on its way.
export const waits = (key) => Boolean(running.get(key));

// A value that is being moved: the page shows it at once and asks for it with *send*. Once the last call is answered and
// nothing drags it, *settle* shows what the plan makes of it.
export class Moving {
  constructor(send, settle) {
    this.send = send;
    this.settle = settle;
    this.on = false;
    this.dragged = false;
  }

  ask(value) {
    this.on = true;
    this.value = value;
    latest(this, async () => {
      await this.send(value);
      if (this.dragged || waits(this)) return;
      this.on = false;
      this.settle();
    });
  }

  drag(element, { start, move, end }) {
    drag(element, {
      start: (event) => {
        this.dragged = true;
        start(event);
      },
      move,
      end: () => {
        this.dragged = false;
        end?.();
        if (this.on) this.ask(this.value);
      },
    });
  }
}

export function listen() {
  const events = new EventSource("api/events");
  events.onmessage = (event) => {
    if (Number(event.data) > shown) latest("state", refresh);
  };
  // The browser goes on trying by itself, for as long as there is somebody to answer.
  events.onerror = async () => { if (!(await refresh())) events.close(); };
}

export function upload(file, onProgress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", `api/uploads?name=${encodeURIComponent(file.name)}`);
    request.upload.onprogress = (event) => onProgress(event.loaded / Math.max(1, event.total));
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { answer = { error: "it was not taken" }; }
      if (answer.error) complain(`${file.name}: ${answer.error}`);
      else take(answer);
      resolve(!answer.error);
    };
    request.onerror = () => { complain(`${file.name}: the connection broke`); resolve(false); };
    request.send(file);
  });
}
