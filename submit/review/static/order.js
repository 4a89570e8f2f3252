// Parameters, price, and the way to the video: prepare, submit, wait.
import { call } from "./api.js";
import { announce, byId, check, fill, findings, h, replace, set } from "./dom.js";

const PATHS = { parameters: "parameters", "more-parameters": "parameters", options: "options" };
let state = null;
let announced = "";
let stage = "";

function field(kind, data) {
  const onchange = ({ target }) => check(target, call("PATCH", PATHS[kind], { name: data.name, value: target.value }));
  const id = `${kind}-${data.name}`;
  const control = data.choices.length
    ? h("select", { id, onchange }, data.choices.map((choice) => h("option", { value: choice.value }, choice.label)))
    : h("input", { id, onchange, placeholder: data.placeholder, autocomplete: "off",
      inputMode: data.type === "string" ? "text" : "decimal" });
  return h("div", {}, h("label", { htmlFor: id }, data.label), control);
}

function fields(kind, list) {
  replace(byId(kind), list.map(({ value, ...rest }) => rest), () => list.map((data) => field(kind, data)));
  for (const data of list) fill(byId(`${kind}-${data.name}`), data.value);
}

async function confirm() {
  const dialog = byId("confirm");
  const { offer, again } = state.price; // those of the question: the page may change below the dialog
  byId("confirm-title").textContent = state.price.question;
  byId("confirm-text").textContent = state.price.terms;
  replace(byId("confirm-findings"), state.prompt.findings, () => findings(state.prompt.findings, true));
  byId("confirm-yes").textContent = state.price.button;
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => { dialog.addEventListener("close", resolve, { once: true }); });
  if (dialog.returnValue === "yes") call("POST", "submit", { offer, again });
}

function elapsed(work) {
  if (!work.since) return "";
  const seconds = Math.max(0, Math.round((work.until ?? Date.now() / 1000) - work.since));
  const usual = work.usual_s && work.stage === "waiting" ? ` of about ${Math.round(work.usual_s)} s` : "";
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}${usual}`;
}

function showWork(work) {
  const place = byId("work");
  place.hidden = work.stage === "idle";
  const { since, until, ...rest } = work;
  replace(place, rest, () => [
    h("p", { className: "state" },
      h("span", { className: work.stage === "failed" ? "error" : work.stage === "done" ? "fine" : "" },
        work.doing ? `${work.title}: ${work.doing}` : work.title), h("span", { id: "elapsed" })),
    work.job ? h("p", { className: "quiet" }, "Job ", h("code", {}, work.job), " is in the journal: closing this page loses nothing.") : "",
    ...work.files.map((file) => h("div", { className: "file" },
      h("span", {}, h("span", {}, `${file.tag} ${file.label}`), h("span", {}, file.part >= 1 ? "done" : file.doing === "upload" ? "uploading" : "preparing")),
      h("progress", { max: 1, value: file.part, "aria-label": `${file.doing} ${file.label}` }))),
    work.summary && work.stage === "prepared" ? h("p", { className: "quiet" }, work.summary) : "",
    work.error ? h("p", { className: work.stage === "cancelled" ? "quiet" : "error" }, work.error) : "",
    work.findings.length ? h("ul", { className: "findings" }, findings(work.findings, true)) : "",
    work.lines.length && work.stage !== "prepared" ? h("details", { className: "more" }, h("summary", {}, "Log"), h("pre", { tabIndex: 0, "aria-label": "Log" }, work.lines.join("\n"))) : "",
    work.video ? video(work.video) : "",
    work.video ? h("p", { className: "quiet" }, work.place) : "",
  ].filter(Boolean));
  const time = byId("elapsed");
  if (time) time.textContent = elapsed(work);
  const text = `${work.title} ${work.doing} ${work.error}`.trim();
  if (text !== announced && work.stage !== "idle") {
    if (announced && stage !== work.stage) place.scrollIntoView({ block: "start" });
    announced = text;
    stage = work.stage;
    announce(text);
  }
}

function video(job) {
  return h("video", { controls: true, playsInline: true, preload: "metadata", src: `jobs/${job}/video`, "aria-label": `Video of job ${job}` });
}

function showJobs(jobs) {
  byId("jobs-section").hidden = !jobs.some((job) => !job.current);
  replace(byId("jobs"), jobs, () => jobs.filter((job) => !job.current).map((job) => {
    const item = h("li", {},
      h("span", { className: "said", title: job.prompt }, job.prompt), h("span", { className: "quiet" }, job.state),
      h("span", { className: "quiet full" }, [job.at, job.id, job.price].filter(Boolean).join(" · ")),
      job.next ? h("span", { className: "quiet full" }, job.next) : "");
    if (job.video) item.append(h("button", { type: "button", className: "full", onclick: (event) => {
      event.target.replaceWith(h("div", { className: "full" }, video(job.id)));
    } }, "Show the video"));
    if (job.fetchable) item.append(h("button", { type: "button", className: "full", onclick: () => call("POST", `jobs/${job.id}/fetch`) },
      "Wait for its video"));
    return item;
  }));
}

export function start() {
  byId("prepare").addEventListener("click", () => call("POST", "prepare"));
  byId("submit").addEventListener("click", confirm);
  byId("cancel").addEventListener("click", () => call("POST", "cancel"));
  setInterval(() => {
    const time = byId("elapsed");
    if (time && state?.work.busy) time.textContent = elapsed(state.work);
  }, 500);
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(byId(button.dataset.copy).textContent);
      announce("Copied");
      const label = button.textContent;
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = label; }, 1500);
    });
  }
}

export function show(next) {
  state = next;
  const { price, work } = state;
  fields("parameters", state.parameters.filter((parameter) => parameter.main));
  fields("more-parameters", state.parameters.filter((parameter) => !parameter.main));
  fields("options", state.options);
  byId("price").textContent = price.shown;
  byId("output").textContent = price.output;
  replace(byId("reasons"), price.reasons, () => price.reasons.map((text) => h("li", {}, text)));
  const submits = work.prepared && !work.busy;
  set(byId("prepare"), { hidden: submits || work.busy, disabled: !work.can_prepare });
  set(byId("submit"), { hidden: !submits, disabled: !work.can_submit, textContent: price.button });
  byId("submit").classList.toggle("primary", !price.again);
  set(byId("cancel"), { hidden: !work.busy, textContent: work.stage === "waiting" ? "Cancel the job" : "Cancel" });
  byId("hint").textContent = work.busy ? "" : work.hint;
  byId("command").textContent = state.command;
  byId("job-file").textContent = state.job_file;
  byId("dropped-note").hidden = !state.cards.some((card) => card.uploaded);
  byId("bar-price").textContent = price.free ? "Sandbox: free" : price.text;
  const [words, place] = work.busy ? [work.title, "work"] : price.again ? ["See the video", "work"]
    : submits ? ["Submit", "price-title"] : work.can_prepare ? ["Prepare", "price-title"] : ["Prompt and price", "job"];
  set(byId("bar-go"), { textContent: words, href: `#${place}` });
  showWork(work);
  showJobs(state.jobs);
}
