// The time of a clip or a sound: frames and waveform, the kept part as a window, and its times to type.
import { edit, latest, Moving, waits } from "./api.js";
import { between, check, clock, fill, h, load, parts, replace } from "./dom.js";

const LONG_S = 45;  // of a longer clip the strip shows only what is around the window; a bar above shows all of it
const LEAST_S = 0.2;

export class Timeline {
  constructor(id, element, player) {
    this.id = id;
    this.player = player;
    Object.assign(this, parts(element));
    this.moving = new Moving(([start, end]) => edit(id, { start: start.toFixed(4), end: end.toFixed(4) }), () => this.update(this.data));
    this.button.onclick = () => (player.on ? player.stop() : player.play());
    this.automatic.onclick = () => edit(id, { start: "", end: "" });
    for (const end of ["start", "end"]) this[end].onchange = () => this.typed(end);
    for (const slider of [this.window, this.left, this.right]) slider.onkeydown = (event) => this.key(event, slider);
    player.onTime = (seconds) => lay(this.head, this.at(seconds));
    player.onState = (on) => {
      this.head.hidden = !on;
      this.showButton();
    };
    this.dragging();
  }

  update(data) {
    const before = this.time;
    this.data = data;
    this.time = data.time;
    if (!this.moving.on) this.kept = [data.time.start_s, data.time.end_s];
    if (!this.view || before?.duration_s !== data.time.duration_s || (!this.moving.on && this.outside())) this.choose();
    this.strip.setAttribute("aria-label", `Kept part of ${data.label}`);
    this.frames.hidden = !data.time.strip;
    this.wave.toggleAttribute("hidden", !data.time.sound || !data.time.visible);
    this.strip.hidden = !data.time.visible;
    this.button.disabled = !data.time.visible;
    this.showButton();
    for (const [input, text, name] of [[this.start, data.time.start, "Start"], [this.end, data.time.end, "End"]]) {
      if (!this.asking) fill(input, text);
      input.setAttribute("aria-label", `${name} of the kept part of ${data.label}`);
    }
    this.automatic.hidden = !data.time.asked;
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

  outside() { return this.kept[0] < this.view[0] - 0.01 || this.kept[1] > this.view[1] + 0.01; }

  // The part of the clip that the strip shows: all of a short one, else the window with as much again on both sides.
  choose() {
    const whole = this.time.duration_s;
    if (whole <= LONG_S) {
      this.view = [0, whole];
      return;
    }
    const [start, end] = this.kept;
    const span = Math.min(whole, Math.max(3 * (end - start), 12));
    const from = between(0, (start + end - span) / 2, whole - span);
    this.view = [from, from + span];
  }

  at(seconds) { return (seconds - this.view[0]) / (this.view[1] - this.view[0]); }

  draw() {
    const [start, end] = this.kept;
    const [from, to] = [Math.max(0, this.at(start)), Math.min(1, this.at(end))];
    const whole = this.time.duration_s;
    lay(this.before, 0, from);
    lay(this.after, to, 1);
    lay(this.window, from, to);
    lay(this.left, from);
    lay(this.right, to);
    lay(this.all, start / whole, end / whole);
    lay(this.seen, this.view[0] / whole, this.view[1] / whole);
    this.overview.hidden = this.view[1] - this.view[0] >= whole - 0.01;
    this.length.textContent = `${(end - start).toFixed(1).replace(/\.0$/, "")} s`;
    this.from.textContent = clock(this.view[0]);
    this.to.textContent = clock(this.view[1]);
    for (const [slider, value] of [[this.window, start], [this.left, start], [this.right, end]]) {
      slider.setAttribute("aria-valuemin", "0");
      slider.setAttribute("aria-valuemax", whole.toFixed(3));
      slider.setAttribute("aria-valuenow", value.toFixed(3));
      slider.setAttribute("aria-valuetext", slider === this.window ? `${clock(start)} to ${clock(end)}` : clock(value));
    }
    replace(this.cuts, [this.time.cuts, this.view], () => this.time.cuts
      .filter((cut) => cut > this.view[0] && cut < this.view[1])
      .map((cut) => lay(h("div", { className: "cut", title: `cut at ${clock(cut)}` }), this.at(cut))));
  }

  // Loads frames and waveform of what is shown, once it is at rest.
  load() {
    if (!this.time.visible) return;
    const [start, end] = this.view.map((value) => value.toFixed(2));
    const width = this.strip.clientWidth || 640;
    const ratio = this.data.picture ? between(0.6, this.data.picture.width / this.data.picture.height, 2) : 1;
    const count = between(4, Math.round(width / (72 * ratio)), 24);
    const key = `start=${start}&end=${end}`;
    if (this.time.strip) {
      load(this.frames, `media/${this.id}/strip?${key}&count=${count}&width=${Math.round((width / count) * 2)}`);
      this.frames.alt = `Frames of ${this.data.label} from ${clock(this.view[0])} to ${clock(this.view[1])}`;
    }
    if (this.time.sound && this.heard !== key) {
      this.heard = key;
      latest(this.wave, () => this.loadWave(key));
    }
  }

  async loadWave(key) {
    const response = await fetch(`media/${this.id}/wave?${key}`);
    if (!response.ok || this.heard !== key) return;
    const wave = await response.json();
    this.wave.setAttribute("viewBox", `0 0 ${wave.length} 100`);
    const loudest = Math.max(0.2, ...wave);
    const bars = wave.map((value, index) => {
      const half = Math.max(1, (value / loudest) * 48);
      return `M${index} ${50 - half}h1v${2 * half}h-1z`;
    });
    this.bars.setAttribute("d", bars.join(""));
  }

  keep(kept) {
    this.kept = kept;
    this.draw();
    this.moving.ask(kept);
  }

  dragging() {
    let from = null;
    const end = () => this.player.unpeek();
    for (const slider of [this.window, this.left, this.right]) {
      this.moving.drag(slider, {
        start: (event) => { from = { x: event.clientX, kept: this.kept }; },
        move: (event) => {
          const by = (event.clientX - from.x) / this.strip.clientWidth * (this.view[1] - this.view[0]);
          this.keep(this.moved(slider, from.kept, by));
          this.player.peek(this.kept[slider === this.right ? 1 : 0]);
        },
        end,
      });
    }
    const jump = (event) => {
      const box = this.overview.getBoundingClientRect();
      const middle = ((event.clientX - box.left) / box.width) * this.time.duration_s;
      this.kept = this.moved(this.window, this.kept, middle - (this.kept[0] + this.kept[1]) / 2);
      this.choose();
      this.keep(this.kept);
    };
    this.moving.drag(this.overview, { start: jump, move: jump, end });
  }

  // What is kept when a slider is moved: both ends with the window, else one of them.
  moved(slider, [start, end], by) {
    const whole = this.time.duration_s;
    if (slider === this.left) return [between(0, start + by, end - LEAST_S), end];
    if (slider === this.right) return [start, between(start + LEAST_S, end + by, whole)];
    const from = between(0, start + by, whole - (end - start));
    return [from, from + end - start];
  }

  key(event, slider) {
    const frame = this.time.frame_s;
    const steps = { ArrowLeft: -frame, ArrowDown: -frame, ArrowRight: frame, ArrowUp: frame, PageUp: 5, PageDown: -5,
      Home: -this.time.duration_s, End: this.time.duration_s };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const by = event.shiftKey && event.key.startsWith("Arrow") ? Math.sign(steps[event.key]) : steps[event.key];
    this.kept = this.moved(slider, this.kept, by);
    if (this.outside()) this.choose();
    this.keep(this.kept);
    this.player.peek(this.kept[slider === this.right ? 1 : 0]);
    clearTimeout(this.peeking);
    this.peeking = setTimeout(() => this.player.unpeek(), 1500);
  }

  // What was typed stays until the answer is here, whatever the page learns meanwhile.
  typed(last) {
    const times = { start: this.start.value, end: this.end.value, last, length_s: this.time.end_s - this.time.start_s };
    this.asking = true;
    latest(this, async () => {
      const answer = await edit(this.id, times);
      if (waits(this)) return;
      this.asking = false;
      check(this[last], answer);
      if (answer) this.update(this.data);
    });
  }
}

// Puts *element* at a part of its parent's width, or from one to another.
function lay(element, from, to) {
  element.style.left = `${(from * 100).toFixed(3)}%`;
  if (to !== undefined) element.style.width = `${(Math.max(0, to - from) * 100).toFixed(3)}%`;
  return element;
}
