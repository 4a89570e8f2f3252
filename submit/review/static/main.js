// The page: everything that is shown comes from the server; what the user does goes there.
import { listen, onState, refresh } from "./api.js";
import * as cards from "./cards.js";
import { byId, findings, h, replace } from "./dom.js";
import * as drop from "./drop.js";
import * as order from "./order.js";
import * as prompt from "./prompt.js";

function budgets(state) {
  const bars = state.budgets.filter((budget) => budget.segments.length);
  const counts = state.budgets.filter((budget) => !budget.segments.length);
  replace(byId("budgets"), bars, () => bars.map((budget) => {
    const bar = h("div", { className: "bar", "aria-hidden": "true" }, budget.segments.map((segment) => {
      const part = h("span", { className: "segment", title: segment.label });
      part.style.width = `${segment.part * 100}%`;
      return part;
    }));
    if (budget.limit < 1) {
      const limit = h("span", { className: "limit" });
      limit.style.left = `${budget.limit * 100}%`;
      bar.append(limit);
    }
    return h("div", { className: `budget is-${budget.state}` },
      h("p", { className: "words" }, h("span", {}, budget.name),
        h("span", { className: budget.state === "fine" ? "quiet" : budget.state }, budget.words)), bar);
  }));
  replace(byId("counts"), counts, () => counts.flatMap((budget, index) =>
    [index ? " · " : "", h("span", { className: budget.state === "fine" ? "" : budget.state }, budget.words)]));
}

onState((state) => {
  const title = byId("title");
  title.textContent = state.verdict.title;
  title.className = state.verdict.state === "error" ? "error" : "";
  byId("lead").textContent = state.verdict.lead;
  document.title = `${state.verdict.title} – prep-and-submit review`;
  replace(byId("notes"), state.notes, () => findings(state.notes));
  byId("drop").classList.toggle("alone", !state.cards.length);
  budgets(state);
  cards.show(state);
  prompt.show(state);
  order.show(state);
});

drop.start();
prompt.start();
order.start();
await refresh();
listen();
