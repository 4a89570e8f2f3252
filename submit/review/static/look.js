// The picture at full size: before and after with a divider, and the crop.
import { edit, Moving } from "./api.js";
import { between, fill, h, load, parts, replace } from "./dom.js";

const SIDES = ["x", "y", "width", "height"];
const LEAST = 5;  // percent

export class Look {
  constructor(id, element) {
    this.id = id;
    this.element = element;
    this.crops = false;
    this.moving = new Moving((crop) => edit(id, { crop: SIDES.map((side) => Number(crop[side].toFixed(2))) }), () => this.draw());
    Object.assign(this, parts(element));
    this.corners = element.querySelectorAll(".corner");
    this.inputs = [...this.sizes.querySelectorAll("input")];
    this.modes = [this.compare, this.cut];
    element.ontoggle = () => this.draw();
    this.range.oninput = () => this.divide();
    this.box.onkeydown = (event) => this.key(event);
    this.modes.forEach((button, index) => {
      button.onclick = () => {
        this.crops = Boolean(index);
        this.draw();
      };
    });
    for (const input of this.inputs) input.onchange = () => this.typed();
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
    this.flat.hidden = !guides.widest;
    this.narrow.hidden = !guides.tallest;
    lay(this.flat, x, y + (height - most) / 2, width, most);
    lay(this.narrow, x + (width - least) / 2, y, least, height);
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
