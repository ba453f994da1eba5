// The list of what was asked and answered, newest first, so that a quiet service is seen to be asked.
import { counted, element, rawCall } from "./elements.js";
import { asCurl } from "./service.js";

const CAUSES = {
  "patient-view": "Chart opened",
  "order-select": "Order picked",
  "order-sign": "Order being signed",
};

export class AdviceLog {
  constructor(holder) {
    this.holder = holder;
  }

  /** Shows the skeleton of an answer; gives the entry that the answer will fill. */
  begin(hook, subject) {
    const time = new Date().toLocaleTimeString("en-GB");
    const body = element("div", { class: "skeleton", "aria-hidden": "true" }, element("i"), element("i"), element("i"));
    const entry = element("article", { class: "entry", "aria-busy": "true", "data-hook": hook },
      element("h3", { text: `${CAUSES[hook] ?? hook}${subject ? `: ${subject}` : ""}` }),
      element("p", { class: "note", text: `${time} · ${hook}` }), body);
    this.holder.prepend(entry);
    return entry;
  }

  /** Writes what the services answered. */
  finish(entry, calls, { show = null, again = null, instead = null } = {}) {
    entry.removeAttribute("aria-busy");
    entry.querySelector(".skeleton").remove();
    const cards = calls.flatMap((call) => call.response?.cards ?? []);
    const failed = calls.filter((call) => call.problem);
    for (const [words, names] of grouped(failed)) {
      entry.append(element("p", { class: "problem", role: "alert", text: `${names.join(" and ")} could not answer. ${words}` }));
    }
    if (failed.length) {
      entry.append(element("p", { class: "note", text: "Your draft orders are kept." }));
      const choices = [["Ask again", again], ...(instead ? [instead] : [])];
      entry.append(element("p", { class: "choices" }, ...choices.map(([text, action]) =>
        element("button", { type: "button", text, onclick: () => { entry.querySelector(".choices").remove(); action(); } }))));
    }
    if (cards.length) {
      entry.append(element("p", { class: "answer" }, element("b", { text: `${counted(cards.length, "card")}.` }), " ",
        ...cards.map((card) => element("span", { class: `line ${card.indicator}`, text: card.summary }))));
      if (show) entry.append(element("button", { type: "button", class: "quiet", text: "Show again", onclick: show }));
    } else if (failed.length < calls.length) {
      const asked = counted(calls.length - failed.length, "service was", "services were");
      entry.append(element("p", { class: "answer" }, element("b", { text: "No card: " }), `${asked} asked and had nothing to add.`));
    }
    if (calls.length) {
      entry.append(element("details", { class: "asked" },
        element("summary", { text: `What was asked (${calls.length})` }),
        ...calls.map((call) => element("div", { class: "call" },
          element("h4", { text: call.service.id }),
          element("p", { class: "note", text: outcome(call) }),
          rawCall(call, asCurl)))));
    }
  }

  /** Writes a problem that is not of one service. */
  fail(words) {
    this.holder.prepend(element("p", { class: "problem", role: "alert", text: words }));
  }
}

/** One line per problem, with the services that have it. */
function grouped(failed) {
  const lines = new Map();
  for (const { service, problem } of failed) {
    const words = problem.status ? `${problem.message} (status ${problem.status})` : problem.message;
    lines.set(words, [...(lines.get(words) ?? []), service.title ?? service.id]);
  }
  return lines;
}

function outcome(call) {
  if (call.problem) return `status ${call.problem.status || "none"}`;
  return counted(call.response?.cards?.length ?? 0, "card");
}
