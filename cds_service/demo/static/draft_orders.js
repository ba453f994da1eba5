// The draft orders of the chart: ticked lines of the form, and drafts taken over from cards.
import { counted, element } from "./elements.js";
import { uuid } from "./service.js";

function nameOf(resource) {
  const concept = resource.medicationCodeableConcept ?? resource.code ?? {};
  return concept.text ?? concept.coding?.[0]?.display ?? resource.resourceType;
}

export class DraftOrders {
  constructor(page, form, data, userId, onPick) {
    this.page = page;
    this.data = data;
    this.userId = userId;
    this.onPick = onPick;
    this.drafts = new Map();
    this.sign = form.querySelector("#sign");
    this.accepted = form.querySelector("#accepted-list");
    this.signed = page.querySelector("#signed-list");
    form.querySelector("#order-list").addEventListener("change", (event) => this.toggle(event.target));
    this.refresh();
  }

  get count() {
    return this.drafts.size;
  }

  /** The Bundle of context.draftOrders. */
  bundle() {
    const entry = [...this.drafts.values()].map(({ resource }) => ({ resource }));
    return { resourceType: "Bundle", type: "collection", entry };
  }

  toggle(box) {
    if (!box.checked) {
      this.drafts.delete(box.value);
      this.refresh();
      return;
    }
    const kind = this.data.orders[box.value];
    this.onPick(this.put(box.value, kind.resource, box));
  }

  put(key, template, box) {
    const resource = {
      ...structuredClone(template),
      id: uuid(),
      subject: { reference: `Patient/${this.data.patientId}` },
      requester: { reference: this.userId },
      authoredOn: new Date().toISOString(),
    };
    const draft = { resource, box, name: nameOf(resource) };
    this.drafts.set(key, draft);
    this.refresh();
    return draft;
  }

  /** Takes over a draft that a card suggests; gives its name. */
  accept(resource) {
    const key = uuid();
    const name = nameOf(resource);
    const box = element("input", { type: "checkbox", checked: true });
    const line = element("li", {}, element("label", {}, box, element("span", { text: name }), element("span", { class: "note", text: " from advice" })));
    this.put(key, resource, box);
    box.addEventListener("change", () => { this.drafts.delete(key); line.remove(); this.refresh(); this.sign.focus(); });
    this.accepted.append(line);
    return name;
  }

  /** Moves every draft to the signed orders. */
  signAll() {
    for (const { name, box } of this.drafts.values()) {
      this.signed.append(element("li", { text: name }));
      if (box.value in this.data.orders) box.checked = false;
    }
    this.accepted.replaceChildren();
    this.drafts.clear();
    this.page.querySelector("#signed").hidden = false;
    this.refresh();
  }

  refresh() {
    this.sign.disabled = this.count === 0;
    this.sign.textContent = this.count ? `Sign ${counted(this.count, "order")}` : "No order to sign";
  }
}
