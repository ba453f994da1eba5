// Cards in the pop-up: what a card looks like, and what its buttons do.
import { element, rawCall } from "./elements.js";
import { asCurl, sendFeedback, ServiceProblem } from "./service.js";

const URGENCY = ["critical", "warning", "info"];
const WORDS = { info: "Information", warning: "Warning", critical: "Critical" };

/** The detail of a card as HTML; the server renders it, raw HTML in it stays text. */
async function rendered(markdown) {
  const response = await fetch("/demo/markdown", {
    method: "POST",
    headers: { "Content-Type": "text/markdown" },
    body: markdown,
  });
  const holder = element("div", { class: "markdown" });
  if (response.ok) holder.innerHTML = await response.text();
  else holder.append(element("pre", { text: markdown }));
  for (const table of holder.querySelectorAll("table")) {
    const frame = element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Table" });
    table.replaceWith(frame);
    frame.append(table);
  }
  for (const link of holder.querySelectorAll("a")) outside(link);
  keepTogether(holder);
  return holder;
}

/** Where an app opens from this chart (SMART App Launch, "EHR launch"); our launch names the patient. */
function launchAddress(url) {
  const { smart, patientId } = JSON.parse(document.getElementById("page-data").textContent);
  return `${url}?${new URLSearchParams({ iss: smart.iss, launch: patientId })}`;
}

function outside(link) {
  link.target = "_blank";
  link.rel = "noopener noreferrer";
}

/** Keeps a date, a range and a number with its unit sign on one line each. */
function keepTogether(root) {
  const together = /(\d{4}-\d\d-\d\d|(?:\d[\d.]*-)?\d[\d.]* %|\d[\d.]*-\d[\d.]*)/;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts) {
    const parts = text.data.split(together);
    if (parts.length < 2) continue;
    text.replaceWith(...parts.map((part, index) => (index % 2 ? element("span", { class: "keep", text: part }) : part)));
  }
  return root;
}

/** Folds all but the first block of a detail. */
function folded(holder) {
  const blocks = [...holder.children];
  if (blocks.length < 2) return holder;
  const rest = element("div", {}, ...blocks.slice(1));
  holder.append(element("details", { class: "fold" },
    element("summary", { text: "Inputs, evidence and limits" }), rest));
  return holder;
}

async function report(serviceId, item, status, words) {
  try {
    await sendFeedback(serviceId, item);
    status.textContent = words;
    return true;
  } catch (problem) {
    if (!(problem instanceof ServiceProblem)) throw problem;
    status.textContent = `${words} The service could not be told: ${problem.message}`;
    return false;
  }
}

function suggestionButton(call, card, suggestion, status, onAccept) {
  const button = element("button", { type: "button", class: "suggestion", text: suggestion.label });
  button.addEventListener("click", async () => {
    if (button.ariaDisabled === "true") return;
    button.ariaDisabled = "true"; // not `disabled`: the focus would be lost
    const names = (suggestion.actions ?? [])
      .filter((action) => action.type === "create")
      .map((action) => onAccept(action.resource));
    button.textContent = `Done: ${suggestion.label}`;
    const words = names.length ? `Added to the draft orders: ${names.join(", ")}.` : "Taken over.";
    const item = { card: card.uuid, outcome: "accepted", acceptedSuggestions: [{ id: suggestion.uuid }] };
    await report(call.service.id, item, status, words);
  });
  return button;
}

function overrideForm(call, card, status, closeActions) {
  const name = `reason-${card.uuid}`;
  const reasons = (card.overrideReasons ?? []).map((reason, index) =>
    element("li", {}, element("label", {},
      element("input", { type: "radio", name, value: String(index) }),
      element("span", { text: reason.display ?? reason.code }))));
  const comment = element("input", { type: "text", name: "comment", maxlength: "200", autocomplete: "off" });
  const form = element("form", {},
    element("fieldset", {}, element("legend", { text: "Why is the card overridden?" }), element("ul", {}, ...reasons)),
    element("label", { class: "comment" }, element("span", { text: "Comment (no patient data)" }), comment),
    element("button", { type: "submit", text: "Send override" }));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const chosen = card.overrideReasons?.[Number(new FormData(form).get(name) ?? NaN)];
    const said = comment.value.trim();
    const overrideReason = {};
    if (chosen) overrideReason.reason = { code: chosen.code, system: chosen.system };
    if (said) overrideReason.userComment = said;
    const item = { card: card.uuid, outcome: "overridden" };
    if (chosen || said) item.overrideReason = overrideReason;
    closeActions();
    const words = chosen ? `Overridden: ${chosen.display ?? chosen.code}.` : "Overridden, no reason given.";
    await report(call.service.id, item, status, words);
  });
  return element("details", { class: "override" }, element("summary", { text: "Override with a reason" }), form);
}

/** One card as an element. */
export async function cardElement(call, card, onAccept) {
  const status = element("p", { class: "outcome", role: "status" });
  const actions = element("div", { class: "actions" });
  const closeActions = () => {
    actions.hidden = true;
    overriding.hidden = true;
    status.tabIndex = -1;
    status.focus();
  };
  actions.append(...(card.suggestions ?? []).map((item) => suggestionButton(call, card, item, status, onAccept)));
  const overriding = overrideForm(call, card, status, closeActions);
  const source = card.source.url
    ? element("a", { href: card.source.url, text: card.source.label })
    : element("span", { text: card.source.label });
  if (card.source.url) outside(source);
  const launches = (card.links ?? []).filter((link) => link.type === "smart");
  // This EHR can launch, so it leaves out the same address for those that cannot.
  const plain = (card.links ?? []).filter((link) => !launches.some((launch) => launch.url === link.url));
  const links = plain.map((link) => {
    const anchor = element("a", { href: link.url, text: link.label });
    outside(anchor);
    return element("li", {}, anchor);
  });
  const apps = launches.map((link) => {
    const anchor = element("a", { class: "launch", href: launchAddress(link.url), text: link.label });
    outside(anchor);
    return anchor;
  });
  const papers = links.length
    ? element("details", {}, element("summary", { text: `Links (${links.length})` }), element("ul", {}, ...links))
    : null;
  return element("article", { class: `card ${card.indicator}`, "data-card": card.uuid, "aria-label": card.summary },
    element("p", { class: "kind" }, element("b", { text: WORDS[card.indicator] ?? card.indicator }), ` ${call.service.title ?? ""}`),
    keepTogether(element("h3", { text: card.summary })),
    element("p", { class: "source" }, "Source: ", source),
    card.detail ? folded(await rendered(card.detail)) : null,
    actions,
    status,
    element("div", { class: "more" }, ...apps, overriding, papers, rawCall(call, asCurl)));
}

/** The pop-up: opens with the cards of some calls, closes on Esc, gives the focus back. */
export class CardDialog {
  constructor(dialog, onAccept) {
    this.dialog = dialog;
    this.onAccept = onAccept;
    this.list = dialog.querySelector("#card-list");
    this.title = dialog.querySelector("#cards-title");
    this.footer = dialog.querySelector("#cards-footer");
    dialog.querySelector("#close-cards").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => this.cameFrom?.focus());
  }

  async open(title, calls, buttons = []) {
    const pairs = calls.flatMap((call) => (call.response?.cards ?? []).map((card) => [call, card]));
    pairs.sort(([, one], [, other]) => URGENCY.indexOf(one.indicator) - URGENCY.indexOf(other.indicator));
    const elements = await Promise.all(pairs.map(([call, card]) => cardElement(call, card, this.onAccept)));
    this.cameFrom = document.activeElement;
    this.title.textContent = title;
    this.list.replaceChildren(...elements);
    this.list.classList.toggle("several", elements.length > 1);
    this.footer.replaceChildren(...buttons.map(([label, kind, action]) =>
      element("button", { type: "button", class: kind, text: label, onclick: () => { this.dialog.close(); action(); } })));
    this.footer.hidden = !buttons.length;
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.scrollTop = 0;
    this.list.scrollTop = 0;
    this.title.focus();
  }

  close() {
    if (this.dialog.open) this.dialog.close();
  }
}
