/** The form: one message, its contacts in order, and how long each of them is waited for. */

import { announce, byId, h, tell } from "./dom.js";
import { CHANNELS, plainNumber, plan, trouble } from "./words.js";

/** @import { Api, ApiError } from "./api.js" */

const MOST_CONTACTS = 10;

const form = byId("compose-form");
const list = byId("contacts");
const text = /** @type {HTMLTextAreaElement} */ (byId("text"));

let made = 0;
let sending = false;

/**
 * @param {() => Api} connected
 * @param {(dispatchUuid: string | null) => void} done   null if it was not accepted
 */
export function mountCompose(connected, done) {
  add();
  form.addEventListener("input", ({ target }) => {
    forgive(/** @type {HTMLElement} */ (target));
    describe();
  });
  byId("add").addEventListener("click", () => {
    field(add(), "channel").focus();
    announce(`Fallback ${list.children.length - 1} added.`);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!sending) await send(connected(), done);
  });
}

/** @param {Api} api @param {(dispatchUuid: string | null) => void} done */
async function send(api, done) {
  sending = true;
  byId("send").setAttribute("aria-disabled", "true");
  byId("send").textContent = "Sending …";
  tell(byId("compose-error"), "");
  form.querySelectorAll("[aria-invalid]").forEach(forgive);
  try {
    const { workflow_id: dispatchUuid } = await api.send(message());
    for (const contact of contacts()) field(contact, "to").value = ""; // the plan stays for the next customer
    describe();
    done(dispatchUuid);
  } catch (error) {
    complain(/** @type {ApiError} */ (error));
    done(null);
  } finally {
    sending = false;
    byId("send").removeAttribute("aria-disabled");
    byId("send").textContent = "Send";
  }
}

/** The body of the request. What was left empty is left out, so that the API names it. */
function message() {
  const [first, ...failover] = contacts().map((contact, index, { length }) => {
    const { channel, to, from, own, seconds, condition } = read(contact);
    const said = { channel, message_type: "text", to: to || undefined, from: from || undefined, text: (own ?? text.value) || undefined };
    return index < length - 1 ? { ...said, expiry_time: seconds, condition_status: condition } : said;
  });
  return failover.length ? { ...first, failover } : first;
}

/** @returns {HTMLElement[]} */
function contacts() {
  return [.../** @type {HTMLCollectionOf<HTMLElement>} */ (list.children)];
}

/** @param {HTMLElement} contact @param {string} name @returns {HTMLInputElement} */
function field(contact, name) {
  return /** @type {HTMLInputElement} */ (contact.querySelector(`[data-field=${name}]`));
}

/** @param {HTMLElement} contact @param {string} selector @returns {HTMLInputElement} */
function part(contact, selector) {
  return /** @type {HTMLInputElement} */ (contact.querySelector(selector));
}

/** What was typed for one contact. @param {HTMLElement} contact */
function read(contact) {
  const channel = field(contact, "channel").value;
  const clean = channel === "messenger" ? (/** @type {string} */ typed) => typed.trim() : plainNumber;
  const wait = field(contact, "expiry_time").valueAsNumber * Number(part(contact, "[data-unit]").value);
  return {
    channel,
    to: clean(field(contact, "to").value),
    from: clean(field(contact, "from").value),
    own: part(contact, "[data-own]").checked ? field(contact, "text").value : null,
    seconds: Number.isNaN(wait) ? null : wait,
    condition: field(contact, "condition_status").value,
  };
}

function add() {
  const template = /** @type {HTMLTemplateElement} */ (byId("contact"));
  const contact = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  label(contact, `contact-${++made}`);
  const channel = field(contact, "channel");
  channel.append(...Object.entries(CHANNELS).map(([value, { name }]) => h("option", { value }, name)));
  channel.value = list.children.length ? "whatsapp" : "sms";
  for (const button of contact.querySelectorAll("button")) {
    button.addEventListener("click", () => move(contact, button.dataset.do ?? "", button));
  }
  list.append(contact);
  describe();
  return contact;
}

/** Ties labels, hints and errors to their fields. @param {HTMLElement} contact @param {string} prefix */
function label(contact, prefix) {
  for (const input of /** @type {NodeListOf<HTMLElement>} */ (contact.querySelectorAll("[data-field]"))) {
    const name = input.dataset.field ?? "";
    input.id = `${prefix}-${name}`;
    const around = /** @type {HTMLElement} */ (input.closest(".field"));
    around.querySelector("label")?.setAttribute("for", input.id);
    const hint = around.querySelector(".hint");
    const error = contact.querySelector(`[data-for=${name}]`);
    if (error) error.id = `${input.id}-error`;
    if (hint) hint.id = `${input.id}-hint`;
    input.setAttribute("aria-describedby", `${hint ? `${hint.id} ` : ""}${input.id}-error`);
  }
}

/** @param {HTMLElement} contact @param {string} where @param {HTMLElement} button */
function move(contact, where, button) {
  const index = contacts().indexOf(contact);
  if (where === "remove") {
    contact.remove();
    byId("add").hidden = false;
    byId("add").focus();
  } else {
    const other = contacts()[where === "up" ? index - 1 : index + 1];
    if (where === "up") other.before(contact);
    else other.after(contact);
  }
  describe();
  if (where === "remove") return announce("Contact removed.");
  (button.hidden ? part(contact, "[data-do]:not([hidden])") : button).focus();
  announce(`Now number ${contacts().indexOf(contact) + 1} of ${list.children.length}.`);
}

/** Brings everything that follows from the fields up to date: names, hints, what is hidden, the plan. */
function describe() {
  const all = contacts();
  all.forEach((contact, index) => {
    const last = index === all.length - 1;
    const { name, reads, to, from, toHint, fromHint } = CHANNELS[field(contact, "channel").value];
    part(contact, "legend").textContent = index ? `Fallback ${index}` : "First contact";
    /** @type {Record<string, boolean>} */
    const hidden = { up: index === 0, down: last, remove: all.length === 1 };
    for (const button of contact.querySelectorAll("button")) {
      button.hidden = hidden[button.dataset.do ?? ""];
      button.setAttribute("aria-label", `${button.textContent?.slice(2)}: ${index ? `fallback ${index}` : "first contact"}`);
    }
    guide(field(contact, "to"), to, toHint);
    guide(field(contact, "from"), from, fromHint);
    const own = part(contact, "[data-own]");
    part(contact, ".own").hidden = all.length === 1 && !own.checked;
    part(contact, ".own .field").hidden = !own.checked;
    part(contact, ".window").hidden = last;
    const conditions = reads ? ["delivered", "read"] : ["delivered"];
    const condition = field(contact, "condition_status");
    if (condition.children.length !== conditions.length) {
      condition.replaceChildren(...conditions.map((value) => h("option", { value }, value)));
    }
    condition.title = reads ? "" : `${name} never reports that it was read.`;
  });
  byId("add").hidden = all.length >= MOST_CONTACTS;
  byId("add-hint").textContent = all.length < MOST_CONTACTS ? "It is tried when the message before it does not arrive in time." : `${MOST_CONTACTS} contacts are the most.`;
  byId("plan").textContent = plan(all.map(read));
}

/** @param {HTMLInputElement} input @param {string} example @param {string} hint */
function guide(input, example, hint) {
  input.placeholder = example;
  const place = byId(`${input.id}-hint`);
  if (place.textContent !== hint) place.textContent = hint;
}

/** Shows what was wrong: each fault at its field, the rest above the form. @param {ApiError} error */
function complain(error) {
  const faults = error.problem.invalid_parameters ?? [];
  const places = faults.map((fault) => ({ fault, input: inputOf(fault.name) }));
  const homeless = places.filter(({ input }) => !input).map(({ fault }) => `${fault.name}: ${fault.reason}`);
  for (const { fault, input } of places) {
    if (!input) continue;
    input.setAttribute("aria-invalid", "true");
    const place = byId(`${input.id}-error`);
    place.textContent = `${input.getAttribute("aria-label") ?? form.querySelector(`label[for=${input.id}]`)?.textContent} ${fault.reason}`;
  }
  const found = /** @type {HTMLElement | null} */ (form.querySelector("[aria-invalid]"));
  const count = form.querySelectorAll("[aria-invalid]").length;
  const summary = count ? `Not sent: ${count === 1 ? "one field needs" : `${count} fields need`} another look.` : trouble(error, "send");
  tell(byId("compose-error"), [summary, ...homeless].join(" "));
  (found ?? byId("compose-error")).focus();
}

/** The field that a name such as `failover[0].to` is about. @param {string} name @returns {HTMLElement | undefined} */
function inputOf(name) {
  const [, number, rest] = /^(?:failover\[(\d+)\]\.)?(\w+)$/.exec(name) ?? [];
  const contact = contacts()[number === undefined ? 0 : Number(number) + 1];
  if (!contact || !rest) return undefined;
  if (rest !== "text" || part(contact, "[data-own]").checked) return field(contact, rest) ?? undefined;
  // The common text is at fault; if only for this contact's channel, then what helps is a text of its own.
  if (number === undefined || !text.value) return text;
  part(contact, "[data-own]").checked = true;
  field(contact, "text").value = text.value;
  describe();
  return field(contact, "text");
}

/** Takes back what was said of a field that is being mended. @param {Element} input */
function forgive(input) {
  if (!input.hasAttribute("aria-invalid")) return;
  input.removeAttribute("aria-invalid");
  byId(`${input.id}-error`).textContent = "";
}
