// The time of a clip or a sound: frames and waveform, the kept part as a window, and its times to type.
import { edit, latest, waits } from "./api.js";
import { clock, drag, h, load, replace } from "./dom.js";

const LONG_S = 45;  // of a longer clip the strip shows only what is around the window; a bar above shows all of it
const LEAST_S = 0.2;

export class Timeline {
  constructor(id, player) {
    this.id = id;
    this.player = player;
    this.all = h("div", { className: "kept" });
    this.seen = h("div", { className: "seen" });
    this.overview = h("div", { className: "overview", "aria-hidden": "true" }, this.seen, this.all);
    this.frames = h("img", { className: "frames", alt: "", draggable: false, onload: () => this.frames.classList.add("here") });
    this.wave = svg("svg", { class: "wave", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.cuts = h("div");
    this.before = h("div", { className: "dim" });
    this.after = h("div", { className: "dim" });
    this.window = this.slider("window", "Kept part");
    this.left = this.slider("handle", "Start");
    this.right = this.slider("handle", "End");
    this.head = h("div", { className: "head", hidden: true });
    this.strip = h("div", { className: "strip", role: "group" }, this.frames, this.wave, this.before, this.after, this.cuts,
      this.window, this.left, this.right, this.head);
    this.from = h("span");
    this.to = h("span");
    this.axis = h("div", { className: "axis", "aria-hidden": "true" }, this.from, this.to);
    this.button = h("button", { type: "button", onclick: () => (player.on ? player.stop() : player.play()) });
    this.start = h("input", { autocomplete: "off", onchange: () => this.typed("start") });
    this.end = h("input", { autocomplete: "off", onchange: () => this.typed("end") });
    this.length = h("span", { className: "length" });
    this.automatic = h("button", { type: "button", onclick: () => edit(id, { start: "", end: "" }) }, "Choose for me");
    this.others = h("div", { className: "others", role: "group", "aria-label": "Another shot" });
    this.why = h("span", { className: "quiet" });
    this.element = h("div", { className: "time" }, this.overview, this.strip, this.axis,
      h("div", { className: "controls" }, this.button, h("label", {}, "Start", this.start), h("label", {}, "End", this.end),
        this.length, this.why, this.automatic),
      this.others);
    player.onTime = (seconds) => this.showHead(seconds);
    player.onState = (on) => {
      this.head.hidden = !on;
      this.showButton();
    };
    this.dragging();
  }

  slider(className, label) {
    const element = h("div", { className, tabIndex: 0, role: "slider", "aria-label": label, "aria-orientation": "horizontal" });
    element.addEventListener("keydown", (event) => this.key(event, element));
    return element;
  }

  update(data) {
    const before = this.time;
    this.data = data;
    this.time = data.time;
    if (!this.held) this.kept = [data.time.start_s, data.time.end_s];
    if (!this.view || before?.duration_s !== data.time.duration_s || this.outside()) this.choose();
    this.strip.setAttribute("aria-label", `Kept part of ${data.label}`);
    this.frames.hidden = !data.time.strip;
    this.wave.toggleAttribute("hidden", !data.time.sound || !data.time.local);
    this.strip.hidden = !data.time.local;
    this.button.disabled = !data.time.local;
    this.showButton();
    for (const [input, text, name] of [[this.start, data.time.start, "Start"], [this.end, data.time.end, "End"]]) {
      if (document.activeElement !== input && !this.asking) input.value = text;
      input.setAttribute("aria-label", `${name} of the kept part of ${data.label}`);
    }
    this.automatic.hidden = !data.time.asked;
    this.why.textContent = data.time.why ? data.time.why : "";
    this.why.hidden = !data.time.why;
    this.others.hidden = !data.time.alternatives.length;
    replace(this.others, data.time.alternatives, () => ["Another shot:", ...data.time.alternatives.map((other) =>
      h("button", { type: "button", title: other.why, onclick: () => edit(this.id, { start: other.start, end: other.end }) },
        other.words))]);
    this.draw();
    this.load();
  }

  showButton() {
    const words = this.player.on ? "Stop" : "Play this part";
    this.button.textContent = words;
    this.button.setAttribute("aria-label", `${words} of ${this.data.label}`);
  }

  outside() {
    return !this.held && (this.kept[0] < this.view[0] - 0.01 || this.kept[1] > this.view[1] + 0.01);
  }

  // The part of the clip that the strip shows: all of a short one, else the window with as much again on both sides.
  choose() {
    const whole = this.time.duration_s;
    if (whole <= LONG_S) {
      this.view = [0, whole];
      return;
    }
    const [start, end] = this.kept;
    const span = Math.min(whole, Math.max(3 * (end - start), 12));
    const from = Math.max(0, Math.min(whole - span, (start + end - span) / 2));
    this.view = [from, from + span];
  }

  at(seconds) { return (seconds - this.view[0]) / (this.view[1] - this.view[0]); }

  draw() {
    const [start, end] = this.kept;
    const [from, to] = [Math.max(0, this.at(start)), Math.min(1, this.at(end))];
    const percent = (part) => `${(part * 100).toFixed(3)}%`;
    this.before.style.left = "0";
    this.before.style.width = percent(from);
    this.after.style.left = percent(to);
    this.after.style.width = percent(1 - to);
    this.window.style.left = percent(from);
    this.window.style.width = percent(Math.max(0, to - from));
    this.left.style.left = percent(from);
    this.right.style.left = percent(to);
    this.length.textContent = `${(end - start).toFixed(1).replace(/\.0$/, "")} s`;
    this.from.textContent = clock(this.view[0]);
    this.to.textContent = clock(this.view[1]);
    const whole = this.time.duration_s;
    this.overview.hidden = this.view[1] - this.view[0] >= whole - 0.01;
    for (const [bar, [one, other]] of [[this.all, this.kept], [this.seen, this.view]]) {
      bar.style.left = percent(one / whole);
      bar.style.width = percent((other - one) / whole);
    }
    for (const [slider, value] of [[this.window, start], [this.left, start], [this.right, end]]) {
      slider.setAttribute("aria-valuemin", "0");
      slider.setAttribute("aria-valuemax", whole.toFixed(3));
      slider.setAttribute("aria-valuenow", value.toFixed(3));
      slider.setAttribute("aria-valuetext", slider === this.window ? `${clock(start)} to ${clock(end)}` : clock(value));
    }
    replace(this.cuts, [this.time.cuts, this.view], () => this.time.cuts
      .filter((cut) => cut > this.view[0] && cut < this.view[1])
      .map((cut) => {
        const line = h("div", { className: "cut", title: `cut at ${clock(cut)}` });
        line.style.left = percent(this.at(cut));
        return line;
      }));
  }

  // Loads frames and waveform of what is shown, once it is at rest.
  load() {
    if (!this.time.local) return;
    const [start, end] = this.view.map((value) => value.toFixed(2));
    const width = this.strip.clientWidth || 640;
    const ratio = this.data.picture ? Math.min(2, Math.max(0.6, this.data.picture.width / this.data.picture.height)) : 1;
    const count = Math.max(4, Math.min(24, Math.round(width / (72 * ratio))));
    const key = `start=${start}&end=${end}`;
    if (this.loaded === `${key} ${count}`) return;
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.loaded = `${key} ${count}`;
      if (this.time.strip) {
        load(this.frames, `media/${this.id}/strip?${key}&count=${count}&width=${Math.round((width / count) * 2)}`);
        this.frames.alt = `Frames of ${this.data.label} from ${clock(this.view[0])} to ${clock(this.view[1])}`;
      }
      if (this.time.sound) this.loadWave(key);
    }, this.loaded ? 200 : 0);
  }

  async loadWave(key) {
    const response = await fetch(`media/${this.id}/wave?${key}`);
    if (!response.ok || !this.loaded.startsWith(key)) return;
    const wave = await response.json();
    this.wave.setAttribute("viewBox", `0 0 ${wave.length} 100`);
    const loudest = Math.max(0.2, ...wave);
    const bars = wave.map((value, index) => {
      const half = Math.max(1, (value / loudest) * 48);
      return `M${index} ${50 - half}h1v${2 * half}h-1z`;
    });
    this.wave.replaceChildren(svg("path", { d: bars.join("") }));
  }

  // Shows a window at once and asks for it; what the plan makes of it is shown when nothing more is on its way.
  keep(start, end) {
    this.held = true;
    this.kept = [start, end];
    this.draw();
    const key = `time-${this.id}`;
    latest(key, async () => {
      await edit(this.id, { start: start.toFixed(4), end: end.toFixed(4) });
      if (!this.dragged && !waits(key)) this.settle();
    });
  }

  settle() {
    this.held = false;
    this.kept = [this.time.start_s, this.time.end_s];
    if (this.outside()) this.choose();
    this.draw();
    this.load();
  }

  dragging() {
    let from = null;
    const seconds = (event) => (event.clientX - from.x) / this.strip.clientWidth * (this.view[1] - this.view[0]);
    const begin = (event) => {
      this.dragged = true;
      from = { x: event.clientX, kept: [...this.kept] };
    };
    const end = () => {
      this.dragged = false;
      this.player.unpeek();
      if (this.held) this.keep(...this.kept);
    };
    const peeks = new Map([[this.left, 0], [this.right, 1]]);
    for (const [element, change] of [
      [this.window, (by) => this.shift(from.kept, by)],
      [this.left, (by) => [Math.max(0, Math.min(from.kept[1] - LEAST_S, from.kept[0] + by)), from.kept[1]]],
      [this.right, (by) => [from.kept[0], Math.min(this.time.duration_s, Math.max(from.kept[0] + LEAST_S, from.kept[1] + by))]],
    ]) {
      drag(element, { start: begin, end, move: (event) => {
        this.keep(...change(seconds(event)));
        this.player.peek(this.kept[peeks.get(element) ?? 0]);
      } });
    }
    const jump = (event) => {
      this.dragged = true;
      const box = this.overview.getBoundingClientRect();
      const middle = ((event.clientX - box.left) / box.width) * this.time.duration_s;
      const length = this.kept[1] - this.kept[0];
      this.kept = this.shift([middle - length / 2, middle + length / 2], 0);
      this.choose();
      this.keep(...this.kept);
    };
    drag(this.overview, { start: jump, move: jump, end });
  }

  shift([start, end], by) {
    const length = end - start;
    const from = Math.max(0, Math.min(this.time.duration_s - length, start + by));
    return [from, from + length];
  }

  key(event, slider) {
    const frame = this.time.frame_s;
    const steps = { ArrowLeft: -frame, ArrowDown: -frame, ArrowRight: frame, ArrowUp: frame, PageUp: 5, PageDown: -5,
      Home: -this.time.duration_s, End: this.time.duration_s };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const by = event.shiftKey && event.key.startsWith("Arrow") ? Math.sign(steps[event.key]) : steps[event.key];
    const [start, end] = this.kept;
    const kept = slider === this.window ? this.shift(this.kept, by)
      : slider === this.left ? [Math.max(0, Math.min(end - LEAST_S, start + by)), end]
        : [start, Math.min(this.time.duration_s, Math.max(start + LEAST_S, end + by))];
    if (this.outsideOf(kept)) {
      this.kept = kept;
      this.choose();
    }
    this.keep(...kept);
    this.player.peek(slider === this.right ? kept[1] : kept[0]);
    clearTimeout(this.peeking);
    this.peeking = setTimeout(() => this.player.unpeek(), 1500);
  }

  outsideOf([start, end]) { return start < this.view[0] || end > this.view[1]; }

  // What was typed stays until the answer is here, whatever the page learns meanwhile, and where it is refused.
  typed(last) {
    const key = `time-${this.id}`;
    const times = { start: this.start.value, end: this.end.value, last, length_s: this.time.end_s - this.time.start_s };
    this.asking = true;
    latest(key, async () => {
      const taken = await edit(this.id, times);
      if (!taken || waits(key)) return;
      this.asking = false;
      this.update(this.data);
    });
  }

  showHead(seconds) {
    this.head.style.left = `${(this.at(seconds) * 100).toFixed(3)}%`;
  }
}

function svg(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
