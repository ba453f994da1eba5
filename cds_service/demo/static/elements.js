// Small helpers to make elements without markup strings.

/** Makes an element: element("p", {class: "x", text: "y"}, child, child). */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") made.textContent = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** "1 card", "3 cards". */
export function counted(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}

/** Pretty JSON of a call behind one click, and the call as curl. */
export function rawCall(call, asCurl) {
  const copied = element("span", { class: "note", role: "status" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(asCurl(call.url, call.request));
      copied.textContent = " Copied.";
    } catch {
      copied.textContent = " The browser does not allow it here: select the text and copy it.";
    }
  };
  const pretty = (title, value) =>
    element("pre", { class: "json", tabindex: "0", role: "region", "aria-label": `${title}, ${call.service.id}`,
      text: JSON.stringify(value, null, 2) });
  return element("details", { class: "raw" },
    element("summary", { text: "Raw request and response" }),
    element("p", {}, element("button", { type: "button", class: "quiet", text: "Copy as curl", onclick: copy }), copied),
    element("h4", { text: `Request: POST ${call.url}` }), pretty("Request", call.request),
    element("h4", { text: "Response" }), pretty("Response", call.response));
}
