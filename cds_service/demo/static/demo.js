// The order-entry page: opening the chart, picking an order and signing ask the service.
import { AdviceLog } from "./advice_log.js";
import { CardDialog } from "./cards.js";
import { DraftOrders } from "./draft_orders.js";
import { counted } from "./elements.js";
import { discover, invoke, ServiceProblem, uuid } from "./service.js";

const data = JSON.parse(document.getElementById("page-data").textContent);
// The service does not repeat to a user what it showed before; every visit is a new user.
let userId = "";
let services = [];
let knownData = new Map();

function startSession() {
  userId = `Practitioner/demo-${uuid().slice(0, 8)}`;
  knownData = new Map();
  document.getElementById("user").textContent = userId;
}

async function ask(log, dialog, hook, subject, more, { buttons = [], title, again, instead } = {}) {
  const entry = log.begin(hook, subject);
  const context = { userId, patientId: data.patientId, ...more };
  const hookInstance = uuid();
  const asked = services.filter((service) => service.hook === hook);
  const calls = await Promise.all(
    asked.map((service) => invoke(service, data.fhirBase, context, hookInstance, knownData)),
  );
  if (calls.some((call) => call.problem)) knownData = new Map(); // ask the record again next time
  const withCards = calls.filter((call) => call.response?.cards?.length);
  const show = (choices = []) => dialog.open(title, withCards, choices);
  log.finish(entry, calls, { show: () => show(), again, instead });
  if (withCards.length) await show(buttons);
  return { calls, hasCards: withCards.length > 0, failed: calls.some((call) => call.problem) };
}

function startChart() {
  const log = new AdviceLog(document.getElementById("log"));
  const form = document.getElementById("orders");
  const note = document.getElementById("order-note");
  let orders = null;
  const dialog = new CardDialog(document.getElementById("cards"), (resource) => orders.accept(resource));

  async function openChart() {
    await ask(log, dialog, "patient-view", "", {}, { title: "Advice on opening the chart", again: openChart });
  }

  async function pick(draft) {
    const more = {
      selections: [`${draft.resource.resourceType}/${draft.resource.id}`],
      draftOrders: orders.bundle(),
    };
    const title = `Advice on ${draft.name}`;
    await ask(log, dialog, "order-select", draft.name, more, { title, again: () => pick(draft) });
  }

  function signNow() {
    const number = orders.count;
    orders.signAll();
    note.textContent = `${counted(number, "order")} signed.`;
    note.tabIndex = -1;
    note.focus();
  }

  async function signOrders(event) {
    event?.preventDefault();
    if (!orders.count) return;
    const drafts = [...orders.drafts.values()];
    const { hasCards, failed } = await ask(
      log, dialog, "order-sign", drafts.map((draft) => draft.name).join(", "), { draftOrders: orders.bundle() },
      {
        title: "Advice before signing",
        again: () => signOrders(),
        instead: ["Sign without advice", signNow],
        buttons: [["Sign anyway", "primary", signNow], ["Back to the orders", "quiet", () => {}]],
      },
    );
    if (failed && !hasCards) note.textContent = "Not signed yet: the service could not answer.";
    if (!hasCards && !failed) signNow();
  }

  orders = new DraftOrders(document, form, data, userId, pick);
  form.addEventListener("submit", signOrders);
  return { log, openChart, setUser: () => { orders.userId = userId; } };
}

async function start() {
  startSession();
  if (matchMedia("(max-width: 43rem)").matches) {
    // In a side bar only what is missing or in conflict stays open.
    for (const section of document.querySelectorAll(".chart details.section:not(:has(.remarks))")) section.open = false;
  }
  const chart = data.patientId ? startChart() : null;
  document.getElementById("new-session").addEventListener("click", async () => {
    startSession();
    if (chart) { chart.setUser(); await chart.openChart(); }
  });
  if (!chart) return;
  try {
    services = await discover();
  } catch (problem) {
    if (!(problem instanceof ServiceProblem)) throw problem;
    chart.log.fail(`The list of services could not be read: ${problem.message} The chart and the orders still work, without advice.`);
    return;
  }
  await chart.openChart();
}

document.documentElement.dataset.ready = "no";
await start();
document.documentElement.dataset.ready = "yes";
