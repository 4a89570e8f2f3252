// The screen of a card: the picture as it will be, and in its place the kept part when it is played.
import { announce, h, load } from "./dom.js";

let playing = null;

export class Player {
  constructor(id) {
    this.id = id;
    this.picture = h("img", { alt: "", onload: () => {
      this.picture.classList.add("here");
      this.say("");
    }, onerror: () => this.say("no picture of this file") });
    this.label = h("span", { className: "label", hidden: true });
    this.element = h("div", { className: "screen" }, this.picture, this.label);
    this.onTime = () => {};
    this.onState = () => {};
  }

  update(data) {
    this.data = data;
    this.element.hidden = data.kind === "audio";
    if (!data.picture) return;
    const { after_width: width, after_height: height, versions, visible } = data.picture;
    this.element.style.aspectRatio = String(Math.min(16 / 9, Math.max(1.2, width / height)));
    this.picture.alt = `${data.label}, as it will be`;
    this.picture.hidden = !visible;
    if (visible) load(this.picture, `media/${this.id}/picture/after?${versions.after}`);
    else this.say(data.why_not_visible);
  }

  say(text) {
    this.label.textContent = text;
    this.label.hidden = !text;
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
    this.still.currentTime = Math.max(0, Math.min(time.duration_s - time.frame_s, seconds));
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
