// The EHR's side of CDS Hooks 2.0.1: discovery, prefetch, invocation, feedback. No page in here.

/** A version 4 UUID; crypto.randomUUID exists in secure contexts only, a ward's intranet may not be one. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** What went wrong, in words, with the HTTP status if there was an answer at all. */
export class ServiceProblem extends Error {
  constructor(words, status = 0, body = null) {
    super(words);
    this.status = status;
    this.body = body;
  }
}

/** The text of an OperationOutcome, or what the status means if there is none. */
export function problemInWords(status, body) {
  const texts = (body?.issue ?? [])
    .map((issue) => [issue.details?.text, issue.diagnostics].filter(Boolean).join(" "))
    .filter(Boolean);
  return texts.length ? texts.join(" ") : `The service answered with status ${status} and did not say why.`;
}

async function readJson(url, options) {
  let response;
  try {
    response = await fetch(url, options);
  } catch {
    throw new ServiceProblem("The service could not be reached.");
  }
  const text = await response.text();
  let body = null;
  try {
    body = text ? JSON.parse(text) : null;
  } catch {
    throw new ServiceProblem("The answer is not JSON.", response.status);
  }
  if (!response.ok) {
    throw new ServiceProblem(problemInWords(response.status, body), response.status, body);
  }
  return body;
}

/** GET /cds-services. */
export async function discover() {
  return (await readJson("/cds-services", { headers: { Accept: "application/json" } })).services;
}

/** Replaces {{context.x}} and the user tokens of a prefetch template. */
export function resolveTemplate(template, context) {
  const [userType, userId] = context.userId.split("/");
  const tokens = { [`user${userType}Id`]: userId };
  for (const [name, value] of Object.entries(context)) {
    if (typeof value === "string") tokens[`context.${name}`] = value;
  }
  return template.replace(/\{\{\s*([^}\s]+)\s*\}\}/g, (_, token) => encodeURIComponent(tokens[token] ?? ""));
}

/** Runs one query at the FHIR server; a search goes out as a POST, for its code list can be long. */
async function query(fhirBase, resolved) {
  const [path, parameters] = resolved.split("?");
  const accept = { Accept: "application/fhir+json" };
  if (parameters === undefined) return readJson(`${fhirBase}/${path}`, { headers: accept });
  return readJson(`${fhirBase}/${path}/_search`, {
    method: "POST",
    headers: { ...accept, "Content-Type": "application/x-www-form-urlencoded" },
    body: parameters,
  });
}

/** Fills the templates of one service; a key that failed is left out, as the specification asks. */
export async function prefetch(fhirBase, templates, context, known) {
  const filled = {};
  await Promise.all(
    Object.entries(templates ?? {}).map(async ([key, template]) => {
      const resolved = resolveTemplate(template, context);
      if (!known.has(resolved)) known.set(resolved, query(fhirBase, resolved));
      try {
        filled[key] = await known.get(resolved);
      } catch (problem) {
        if (!(problem instanceof ServiceProblem)) throw problem;
      }
    }),
  );
  return filled;
}

function post(url, body) {
  return readJson(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  });
}

/** Calls one service; gives request and response, or request and problem, never throws for those. */
export async function invoke(service, fhirBase, context, hookInstance, known) {
  const request = {
    hook: service.hook,
    hookInstance,
    context,
    prefetch: await prefetch(fhirBase, service.prefetch, context, known),
  };
  const url = `/cds-services/${service.id}`;
  try {
    return { service, url, request, response: await post(url, request), problem: null };
  } catch (problem) {
    if (!(problem instanceof ServiceProblem)) throw problem;
    return { service, url, request, response: problem.body, problem };
  }
}

/** Tells the service what became of a card. */
export function sendFeedback(serviceId, item) {
  const outcomeTimestamp = new Date().toISOString();
  return post(`/cds-services/${serviceId}/feedback`, { feedback: [{ ...item, outcomeTimestamp }] });
}

/** The call as a command line. */
export function asCurl(url, request) {
  const body = JSON.stringify(request).replaceAll("'", "'\\''");
  return `curl -s -X POST '${location.origin}${url}' -H 'Content-Type: application/json' --data-binary '${body}'`;
}
