// The picture at full size: before and after with a divider, and the crop.
import { edit, latest, waits } from "./api.js";
import { drag, h, load, replace } from "./dom.js";
import { REST_MS } from "./player.js";

const SIDES = ["x", "y", "width", "height"];
const NAMES = { x: "Left", y: "Top", width: "Width", height: "Height" };
const LEAST = 5;  // percent

export class Look {
  constructor(id) {
    this.id = id;
    this.mode = "compare";
    this.before = h("img", { alt: "", draggable: false, onload: () => this.place() });
    this.after = h("img", { alt: "", draggable: false });
    this.edge = h("div", { className: "edge" });
    this.range = h("input", { type: "range", min: 0, max: 100, value: 50, oninput: () => this.divide() });
    this.range.setAttribute("aria-label", "Divider between before and after");
    this.left = h("span", { className: "side left" }, "As it is");
    this.right = h("span", { className: "side right" }, "As it will be");
    this.box = h("div", { className: "box", tabIndex: 0, role: "group", onkeydown: (event) => this.key(event) });
    this.box.setAttribute("aria-label", "Crop; arrow keys move it, with Shift they size it");
    this.corners = ["nw", "ne", "sw", "se"].map((name) => h("div", { className: "corner", "data-corner": name }));
    this.frame = h("div", { className: "frame" }, this.box, ...this.corners);
    this.stage = h("div", { className: "stage" }, this.before, this.after, this.edge, this.left, this.right, this.range, this.frame);
    this.modes = ["compare", "crop"].map((mode) => h("button", { type: "button", onclick: () => this.switch(mode) },
      mode === "compare" ? "Compare" : "Crop"));
    this.shapes = h("div", { className: "modes", role: "group", "aria-label": "Shape of the crop" });
    this.inputs = SIDES.map((side) => h("input", { inputMode: "decimal", autocomplete: "off", onchange: () => this.typed() }));
    this.sizes = h("div", { className: "sizes" }, SIDES.map((side, index) =>
      h("label", {}, NAMES[side], this.inputs[index], "%")));
    this.note = h("p", { className: "quiet note" });
    this.note.setAttribute("aria-live", "polite");
    this.element = h("details", { className: "look", ontoggle: () => this.draw() },
      h("summary", {}, "Compare and crop"), this.stage, this.note,
      h("div", { className: "modes", role: "group", "aria-label": "View" }, this.modes), this.shapes, this.sizes);
    this.dragging();
    new ResizeObserver(() => this.place()).observe(this.stage);
  }

  update(data) {
    this.data = data;
    if (!this.held) this.crop = { ...data.picture.crop };
    this.draw();
  }

  switch(mode) {
    this.mode = mode;
    this.draw();
  }

  draw() {
    if (!this.element.open || !this.data) return;
    const { picture, label } = this.data;
    const crops = this.mode === "crop";
    const moment = picture.look.split("-").pop();
    this.show(this.before, `media/${this.id}/before?at=${moment}`, `${label}, as it is`);
    if (!crops) this.show(this.after, `media/${this.id}/after?look=${picture.look}`, `${label}, as it will be`);
    this.note.textContent = picture.words;
    for (const element of [this.after, this.edge, this.left, this.right, this.range]) element.hidden = crops;
    for (const element of [this.frame, this.shapes, this.sizes]) element.hidden = !crops;
    this.modes.forEach((button, index) => button.setAttribute("aria-pressed", String((index === 1) === crops)));
    replace(this.shapes, [picture.shapes, picture.cropped], () => [
      h("button", { type: "button", disabled: !picture.cropped, onclick: () => edit(this.id, { crop: null }) }, "Whole picture"),
      ...picture.shapes.map((shape) => h("button", { type: "button",
        onclick: () => edit(this.id, { crop: SIDES.map((side) => shape[side]) }) }, shape.name)),
    ]);
    this.divide();
    this.place();
  }

  show(image, source, alt) {
    image.alt = alt;
    if (image.dataset.next === source) return;
    clearTimeout(Number(image.dataset.timer));
    image.dataset.timer = setTimeout(() => load(image, source), image.dataset.next ? REST_MS : 0);
    image.dataset.next = source;
  }

  divide() {
    const at = `${this.range.value}%`;
    this.before.style.clipPath = this.mode === "crop" ? "" : `inset(0 calc(100% - ${at}) 0 0)`;
    this.after.style.clipPath = `inset(0 0 0 ${at})`;
    this.edge.style.left = at;
    this.range.setAttribute("aria-valuetext", `${this.range.value} percent as it is`);
  }

  // The frame lies over the picture, which the stage shows as large as it can.
  place() {
    if (!this.element.open || !this.data || this.mode !== "crop") return;
    const { clientWidth, clientHeight } = this.stage;
    const ratio = this.data.picture.width / this.data.picture.height;
    const width = Math.min(clientWidth, clientHeight * ratio);
    const height = width / ratio;
    Object.assign(this.frame.style, { width: `${width}px`, height: `${height}px`,
      left: `${(clientWidth - width) / 2}px`, top: `${(clientHeight - height) / 2}px` });
    const { x, y, width: wide, height: high } = this.crop;
    Object.assign(this.box.style, { left: `${x}%`, top: `${y}%`, width: `${wide}%`, height: `${high}%` });
    this.corners.forEach((corner) => {
      const name = corner.dataset.corner;
      corner.style.left = `${name.includes("w") ? x : x + wide}%`;
      corner.style.top = `${name.includes("n") ? y : y + high}%`;
    });
    this.inputs.forEach((input, index) => {
      if (document.activeElement !== input) input.value = this.crop[SIDES[index]].toFixed(1).replace(/\.0$/, "");
    });
  }

  // As the window of a timeline is kept.
  keep(crop) {
    this.held = true;
    this.crop = crop;
    this.place();
    const key = `crop-${this.id}`;
    latest(key, async () => {
      await edit(this.id, { crop: SIDES.map((side) => Number(crop[side].toFixed(2))) });
      if (this.dragged || waits(key)) return;
      this.held = false;
      this.crop = { ...this.data.picture.crop };
      this.place();
    });
  }

  dragging() {
    let from = null;
    const begin = (event) => { this.dragged = true; from = { x: event.clientX, y: event.clientY, crop: { ...this.crop } }; };
    const moved = (event) => [(event.clientX - from.x) / this.frame.clientWidth * 100, (event.clientY - from.y) / this.frame.clientHeight * 100];
    const end = () => {
      this.dragged = false;
      if (this.held) this.keep(this.crop);
    };
    drag(this.box, { start: begin, end, move: (event) => this.keep(this.shifted(from.crop, ...moved(event))) });
    for (const corner of this.corners) {
      drag(corner, { start: begin, end, move: (event) => this.keep(this.sized(from.crop, corner.dataset.corner, ...moved(event))) });
    }
  }

  shifted(crop, across, down) {
    return { ...crop, x: between(0, crop.x + across, 100 - crop.width), y: between(0, crop.y + down, 100 - crop.height) };
  }

  sized(crop, corner, across, down) {
    const right = crop.x + crop.width;
    const bottom = crop.y + crop.height;
    const x = corner.includes("w") ? between(0, crop.x + across, right - LEAST) : crop.x;
    const y = corner.includes("n") ? between(0, crop.y + down, bottom - LEAST) : crop.y;
    const width = corner.includes("e") ? between(LEAST, crop.width + across, 100 - x) : right - x;
    const height = corner.includes("s") ? between(LEAST, crop.height + down, 100 - y) : bottom - y;
    return { x, y, width, height };
  }

  key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const by = steps[event.key];
    this.keep(event.shiftKey ? this.sized(this.crop, "se", ...by) : this.shifted(this.crop, ...by));
  }

  typed() {
    const values = this.inputs.map((input) => Number(input.value.replace(",", ".")));
    if (values.every((value) => Number.isFinite(value) && value >= 0)) edit(this.id, { crop: values });
  }
}

const between = (least, value, most) => Math.max(least, Math.min(most, value));
