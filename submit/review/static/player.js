// The screen of a card: the picture as it will be, and in its place the kept part when it is played.
import { announce, between, h, load, parts } from "./dom.js";

let playing = null;

export class Player {
  constructor(id, element) {
    this.id = id;
    this.element = element;
    Object.assign(this, parts(element));
    this.picture.onload = () => this.say("");
    this.picture.onerror = () => this.say("no picture of this file");
    this.onTime = () => {};
    this.onState = () => {};
  }

  update(data) {
    this.data = data;
    this.element.hidden = data.kind === "audio";
    if (!data.picture) return;
    const { after_width: width, after_height: height, versions, visible } = data.picture;
    this.element.style.aspectRatio = String(between(1.2, width / height, 16 / 9));
    this.picture.alt = `${data.label}, as it will be`;
    this.picture.hidden = !visible;
    if (visible) load(this.picture, `media/${this.id}/picture/after?${versions.after}`);
    else this.say(data.why_not_visible);
  }

  say(text) {
    this.said.textContent = text;
    this.said.hidden = !text;
  }

  // Plays exactly the kept part: of a file that browsers can't play, a small copy of that part.
  play() {
    playing?.stop();
    this.unpeek();
    playing = this;
    const { time, kind, label } = this.data;
    const own = time.plays && !this.failed;
    const offset = own ? time.start_s : 0;
    const end = own ? time.end_s : time.end_s - time.start_s;
    const media = h(kind === "audio" ? "audio" : "video", { preload: "auto", playsInline: true, title: label });
    media.setAttribute("aria-label", `The kept part of ${label}`);
    media.src = own ? `media/${this.id}/source` : `media/${this.id}/clip?start=${time.start_s}&end=${time.end_s}`;
    this.media = media;
    if (!own) this.say("making a preview…");
    media.onerror = () => {
      if (this.media !== media) return;
      this.stop();
      if (own) {
        this.failed = true;
        this.play();
      } else announce(`${label} can't be played here`);
    };
    media.onloadedmetadata = () => { if (offset) media.currentTime = offset; };
    media.oncanplay = () => {
      this.say("");
      if (kind !== "audio") this.element.append(media);
      media.play().catch(() => {});
      media.oncanplay = null;
    };
    media.onended = () => this.stop();
    const tick = () => {
      if (this.media !== media) return;
      if (media.currentTime >= end) this.stop();
      else {
        this.onTime(time.start_s + Math.max(0, media.currentTime - offset));
        requestAnimationFrame(tick);
      }
    };
    requestAnimationFrame(tick);
    this.onState(true);
  }

  // Shows the frame at one moment of the source while an end of the kept part is moved, where the browser can.
  peek(seconds) {
    const { time, kind } = this.data;
    if (!time.plays || this.failed || kind === "audio" || this.media) return;
    if (!this.still) {
      this.still = h("video", { preload: "auto", muted: true, playsInline: true, src: `media/${this.id}/source` });
      this.still.setAttribute("aria-hidden", "true");
      this.still.onseeked = () => {
        if (this.still && !this.still.isConnected) this.element.append(this.still);
      };
      this.still.onerror = () => { this.failed = true; };
    }
    this.still.currentTime = between(0, seconds, time.duration_s - time.frame_s);
  }

  unpeek() {
    this.still?.remove();
    this.still?.removeAttribute("src");
    this.still = null;
  }

  stop() {
    if (playing === this) playing = null;
    if (!this.media) return;
    this.media.pause();
    this.media.remove();
    this.media.removeAttribute("src");
    this.media = null;
    this.say("");
    this.onState(false);
  }

  get on() { return Boolean(this.media); }
}
