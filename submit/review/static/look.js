// The picture at full size: before and after with a divider, and the crop.
import { edit, Moving } from "./api.js";
import { between, fill, h, load, replace } from "./dom.js";

const SIDES = ["x", "y", "width", "height"];
const NAMES = { x: "Left", y: "Top", width: "Width", height: "Height" };
const LEAST = 5;  // percent

export class Look {
  constructor(id) {
    this.id = id;
    this.crops = false;
    this.moving = new Moving((crop) => edit(id, { crop: SIDES.map((side) => Number(crop[side].toFixed(2))) }), () => this.draw());
    this.before = h("img", { alt: "", draggable: false });
    this.after = h("img", { alt: "", draggable: false });
    this.whole = h("img", { alt: "", draggable: false });
    this.edge = h("div", { className: "edge" });
    this.range = h("input", { type: "range", min: 0, max: 100, value: 50, oninput: () => this.divide() });
    this.range.setAttribute("aria-label", "Divider between before and after");
    this.left = h("span", { className: "side left" });
    this.compared = h("div", { className: "compared" }, this.before, this.after, this.edge, this.left,
      h("span", { className: "side right" }, "As it will be"), this.range);
    this.box = h("div", { className: "box", tabIndex: 0, role: "group", onkeydown: (event) => this.key(event) });
    this.box.setAttribute("aria-label", "Crop; arrow keys move it, with Shift they size it");
    this.guides = ["flat", "narrow"].map((name) => h("div", { className: `guide ${name}` }));
    this.corners = ["nw", "ne", "sw", "se"].map((name) => h("div", { className: `corner ${name}`, "data-corner": name }));
    this.frame = h("div", { className: "frame" }, this.box, ...this.guides, ...this.corners);
    this.stage = h("div", { className: "stage" }, this.compared, this.whole, this.frame);
    this.modes = [false, true].map((crops) => h("button", { type: "button", onclick: () => {
      this.crops = crops;
      this.draw();
    } }, crops ? "Crop" : "Compare"));
    this.shapes = h("div", { className: "modes", role: "group", "aria-label": "Shape of the crop" });
    this.inputs = SIDES.map(() => h("input", { inputMode: "decimal", autocomplete: "off", onchange: () => this.typed() }));
    this.sizes = h("div", { className: "sizes" }, SIDES.map((side, index) => h("label", {}, NAMES[side], this.inputs[index], "%")));
    this.note = h("p", { className: "quiet note" });
    this.note.setAttribute("aria-live", "polite");
    this.legend = h("p", { className: "quiet note" });
    this.element = h("details", { className: "look", ontoggle: () => this.draw() },
      h("summary", {}, "Compare and crop"), this.stage, this.note, this.legend,
      h("div", { className: "modes", role: "group", "aria-label": "View" }, this.modes), this.shapes, this.sizes);
    this.dragging();
    new ResizeObserver(() => this.place()).observe(this.stage);
  }

  update(data) {
    this.data = data;
    this.draw();
  }

  draw() {
    if (!this.element.open || !this.data) return;
    const { picture, label } = this.data;
    const images = this.crops ? { whole: "all of it" } : { before: "as it is", after: "as it will be" };
    for (const [view, words] of Object.entries(images)) {
      this[view].alt = `${label}, ${words}`;
      load(this[view], `media/${this.id}/picture/${view}?${picture.versions[view]}`);
    }
    this.left.textContent = picture.before;
    this.note.textContent = picture.words;
    this.legend.textContent = picture.guides.words;
    this.compared.hidden = this.crops;
    for (const element of [this.whole, this.frame, this.legend, this.shapes, this.sizes]) element.hidden = !this.crops;
    this.modes.forEach((button, index) => button.setAttribute("aria-pressed", String(Boolean(index) === this.crops)));
    replace(this.shapes, [picture.shapes, picture.cropped], () => [
      h("button", { type: "button", disabled: !picture.cropped, onclick: () => edit(this.id, { crop: null }) }, "Whole picture"),
      ...picture.shapes.map((shape) => h("button", { type: "button",
        onclick: () => edit(this.id, { crop: SIDES.map((side) => shape[side]) }) }, shape.name)),
    ]);
    if (!this.moving.on) this.crop = { ...picture.crop };
    this.divide();
    this.place();
  }

  divide() {
    const at = `${this.range.value}%`;
    this.before.style.clipPath = `inset(0 calc(100% - ${at}) 0 0)`;
    this.after.style.clipPath = `inset(0 0 0 ${at})`;
    this.edge.style.left = at;
    this.range.setAttribute("aria-valuetext", `${this.range.value} percent as it is`);
  }

  // The frame lies over the picture, which the stage shows as large as it can; the guides show the flattest and the
  // narrowest crop around the middle of this one.
  place() {
    if (!this.element.open || !this.data || !this.crops) return;
    const { clientWidth, clientHeight } = this.stage;
    const { width: across, height: down, guides } = this.data.picture;
    const wide = Math.min(clientWidth, clientHeight * across / down);
    lay(this.frame, (clientWidth - wide) / 2, (clientHeight - wide * down / across) / 2, wide, wide * down / across, "px");
    const { x, y, width, height } = this.crop;
    lay(this.box, x, y, width, height);
    const least = guides.tallest ? height * guides.tallest * down / across : 0;
    const most = guides.widest ? width / guides.widest * across / down : 0;
    const [flat, narrow] = this.guides;
    flat.hidden = !guides.widest;
    narrow.hidden = !guides.tallest;
    lay(flat, x, y + (height - most) / 2, width, most);
    lay(narrow, x + (width - least) / 2, y, least, height);
    this.box.classList.toggle("beyond", height < most || width < least);
    for (const corner of this.corners) {
      const name = corner.dataset.corner;
      corner.style.left = `${name.includes("w") ? x : x + width}%`;
      corner.style.top = `${name.includes("n") ? y : y + height}%`;
    }
    this.inputs.forEach((input, index) => fill(input, this.crop[SIDES[index]].toFixed(1).replace(/\.0$/, "")));
  }

  keep(crop) {
    this.crop = crop;
    this.place();
    this.moving.ask(crop);
  }

  dragging() {
    let from = null;
    for (const element of [this.box, ...this.corners]) {
      this.moving.drag(element, {
        start: (event) => { from = { x: event.clientX, y: event.clientY, crop: this.crop }; },
        move: (event) => {
          const by = [(event.clientX - from.x) / this.frame.clientWidth * 100, (event.clientY - from.y) / this.frame.clientHeight * 100];
          this.keep(element === this.box ? shifted(from.crop, ...by) : sized(from.crop, element.dataset.corner, ...by));
        },
      });
    }
  }

  key(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const by = steps[event.key];
    this.keep(event.shiftKey ? sized(this.crop, "se", ...by) : shifted(this.crop, ...by));
  }

  typed() {
    const values = this.inputs.map((input) => Number(input.value.replace(",", ".")));
    const wrong = values.map((value) => !(value >= 0));
    this.inputs.forEach((input, index) => input.setAttribute("aria-invalid", String(wrong[index])));
    if (!wrong.includes(true)) edit(this.id, { crop: values });
  }
}

function lay(element, left, top, width, height, unit = "%") {
  Object.assign(element.style, { left: left + unit, top: top + unit, width: width + unit, height: height + unit });
}

function shifted(crop, across, down) {
  return { ...crop, x: between(0, crop.x + across, 100 - crop.width), y: between(0, crop.y + down, 100 - crop.height) };
}

function sized(crop, corner, across, down) {
  const right = crop.x + crop.width;
  const bottom = crop.y + crop.height;
  const x = corner.includes("w") ? between(0, crop.x + across, right - LEAST) : crop.x;
  const y = corner.includes("n") ? between(0, crop.y + down, bottom - LEAST) : crop.y;
  const width = corner.includes("e") ? between(LEAST, crop.width + across, 100 - x) : right - x;
  const height = corner.includes("s") ? between(LEAST, crop.height + down, 100 - y) : bottom - y;
  return { x, y, width, height };
}
