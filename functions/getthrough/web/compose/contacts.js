/** The contacts of the form, in their order: each a card with its fields, and how long it is waited for. */

import { FIELDS, typeOf } from "../channels/fields.js";
import { announce, byId, h, tell } from "../elements/dom.js";
import { reorderable } from "../elements/reorder.js";
import { CHANNELS } from "../text/words.js";
import { find, read, write } from "./form_values.js";
import { pictureLook } from "./picture_preview.js";

/** @import { Field } from "../channels/fields.js" */
/** @import { Input } from "./form_values.js" */
/** @import { Values } from "./request.js" */

const MOST_CONTACTS = 10;

/** What a phone shows to type an address with, where that is not a number. @type {Record<string, string>} */
const KEYBOARDS = { messenger: "text", email: "email" };

const list = byId("contacts");

/** What was typed into fields that another channel or type does not have: it is back when they are. @type {WeakMap<HTMLElement, Values>} */
const kept = new WeakMap();

let made = 0;

/** @param {() => void} changed   called when contacts were added, moved or removed */
export function mountContacts(changed) {
  byId("add").addEventListener("click", () => {
    part(addContact(), "[data-field=channel]").focus();
    announce(`Fallback ${list.children.length - 1} added.`);
    changed();
  });
  list.addEventListener("click", ({ target }) => {
    const button = /** @type {HTMLElement} */ (target).closest("button");
    const contact = /** @type {HTMLElement | null} */ (button?.closest("#contacts > li") ?? null);
    if (button?.dataset.do && contact) move(contact, button, changed);
  });
  reorderable(list, ".grip", (contact) => {
    changed();
    announce(place(contact));
  });
}

/** @returns {HTMLElement[]} */
export function contacts() {
  return [.../** @type {HTMLCollectionOf<HTMLElement>} */ (list.children)];
}

/** What was typed for one contact, also into fields that are not shown now. @param {HTMLElement} contact @returns {Values} */
export function readContact(contact) {
  return { ...kept.get(contact), ...read(contact) };
}

/** @param {Values} [values] */
export function addContact(values = { channel: list.children.length ? "whatsapp" : "sms" }) {
  const template = /** @type {HTMLTemplateElement} */ (byId("contact"));
  const contact = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  contact.id = `contact-${++made}`;
  part(contact, "[data-field=channel]").append(
    ...Object.entries(CHANNELS).map(([value, { name }]) => h("option", { value }, name)),
  );
  list.append(contact);
  /** @type {Values} */
  const known = { ...values, channel: FIELDS[values.channel] ? values.channel : "sms" };
  kept.set(contact, known);
  write(contact, known);
  suit(contact);
  write(contact, known);
  part(contact, "details").open = Boolean(
    known.own || known.urgent || (known.message_type && known.message_type !== "text"),
  );
  return contact;
}

/** @param {HTMLElement} contact @param {HTMLElement} button @param {() => void} changed */
function move(contact, button, changed) {
  const all = contacts();
  const index = all.indexOf(contact);
  if (button.dataset.do === "remove") {
    contact.remove();
    changed();
    byId("add").focus();
    return announce("Contact removed.");
  }
  if (button.dataset.do === "up") all[index - 1]?.before(contact);
  else all[index + 1]?.after(contact);
  changed();
  (button.hidden ? part(contact, "[data-do]:not([hidden])") : button).focus();
  announce(place(contact));
}

/** @param {HTMLElement} contact */
function place(contact) {
  return `Now number ${contacts().indexOf(contact) + 1} of ${list.children.length}.`;
}

/** Brings all that follows from the fields up to date: names, hints, what is shown. @param {boolean} quiet   there are quiet hours */
export function describeContacts(quiet) {
  const all = contacts();
  all.forEach((contact, index) => {
    suit(contact);
    const last = index === all.length - 1;
    const { channel, message_type: messageType, own } = read(contact);
    const { reads, name } = CHANNELS[channel];
    const { types, options, to, from, toHint, fromHint } = FIELDS[channel];
    const { says, name: typeName } = typeOf(channel, messageType)[1];
    part(contact, "legend").textContent = index ? `Fallback ${index}` : "First contact";
    /** @type {Record<string, boolean>} */
    const hidden = { up: index === 0, down: last, remove: all.length === 1 };
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (contact.querySelectorAll("[data-do]"))) {
      button.hidden = hidden[button.dataset.do ?? ""];
      button.setAttribute(
        "aria-label",
        `${button.textContent?.trim().slice(2)}: ${index ? `fallback ${index}` : "first contact"}`,
      );
    }
    part(contact, ".grip").hidden = all.length === 1;
    guide(contact, "to", to, toHint);
    find(contact, "to")?.setAttribute("inputmode", KEYBOARDS[channel] ?? "tel");
    guide(contact, "from", from, fromHint);
    const ownText = says !== null && (all.length > 1 || own);
    part(contact, ".own").hidden = !ownText;
    part(contact, ".own .field").hidden = !own;
    part(contact, ".type").hidden = Object.keys(types).length === 1;
    part(contact, ".urgent").hidden = !quiet;
    tell(
      part(contact, ".mute"),
      says
        ? ""
        : `A ${typeName.toLowerCase()} on ${name} has no text beside it: the message above is not sent with it.`,
    );
    const more = [
      ...Object.values(types)
        .slice(1)
        .map((type) => type.name),
      ownText && "own text",
      quiet && "urgent",
      options.length && "category",
    ].filter(Boolean);
    part(contact, "details").hidden = more.length === 0;
    part(contact, "summary").textContent = sentence(/** @type {string[]} */ (more));
    part(contact, ".window").hidden = last;
    choose(part(contact, "[data-field=condition_status]"), reads, name);
  });
  byId("add").hidden = all.length >= MOST_CONTACTS;
  byId("add-hint").textContent =
    all.length < MOST_CONTACTS
      ? "It is tried when the message before it does not arrive in time."
      : `${MOST_CONTACTS} contacts are the most.`;
}

/** "Picture, file, own text" @param {string[]} items */
function sentence(items) {
  const text = items.join(", ").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a message may wait for. @param {HTMLElement} select @param {boolean} reads @param {string} name   of the channel */
export function choose(select, reads, name) {
  const conditions = reads ? ["delivered", "read", "replied"] : ["delivered", "replied"];
  const field = /** @type {HTMLSelectElement} */ (select);
  field.title = reads ? "" : `${name} never reports that it was read.`;
  if (field.children.length === conditions.length) return;
  const chosen = field.value;
  field.replaceChildren(...conditions.map((value) => h("option", { value }, value === "replied" ? "answered" : value)));
  field.value = conditions.includes(chosen) ? chosen : "delivered";
}

/** Gives a contact the fields of its channel and type. @param {HTMLElement} contact */
function suit(contact) {
  const values = readContact(contact);
  const { types, options } = FIELDS[values.channel];
  const [name, type] = typeOf(values.channel, values.message_type);
  const now = `${values.channel} ${name}`;
  if (contact.dataset.suits === now) return;
  contact.dataset.suits = now;
  kept.set(contact, values);
  const select = /** @type {HTMLSelectElement} */ (part(contact, "[data-field=message_type]"));
  select.replaceChildren(...Object.entries(types).map(([value, { name: words }]) => h("option", { value }, words)));
  part(contact, ".fields").replaceChildren(...type.fields.map(build));
  part(contact, ".options").replaceChildren(...options.map(build));
  write(contact, { ...values, message_type: name });
  tie(contact);
}

/** @param {Field} field */
function build({ path, label, kind, most, example, choices, hint }) {
  const known = { "data-field": path, "data-most": most ?? null, placeholder: example ?? null, spellcheck: "false" };
  const input =
    kind === "choice"
      ? h("select", { "data-field": path }, ...(choices ?? []).map(([value, name]) => h("option", { value }, name)))
      : kind === "lines"
        ? h("textarea", { ...known, rows: 2 })
        : h("input", {
            ...known,
            ...((kind === "url" || kind === "picture") && { type: "url", inputmode: "url", autocapitalize: "none" }),
          });
  const look = kind === "picture" ? pictureLook(/** @type {HTMLInputElement} */ (input)) : null;
  return h(
    "div",
    { class: "field" },
    h("label", {}, label),
    input,
    look,
    h("span", { class: "hint" }, hint ?? ""),
    h("span", { class: "error", "data-for": path }),
  );
}

/** Ties labels, hints and errors to their fields. @param {HTMLElement} contact */
function tie(contact) {
  for (const input of /** @type {NodeListOf<HTMLElement>} */ (contact.querySelectorAll("[data-field]"))) {
    const name = input.dataset.field ?? "";
    input.id = `${contact.id}-${name.replaceAll(".", "-")}`;
    const around = /** @type {HTMLElement} */ (input.closest(".field, .check"));
    if (around.matches(".field")) around.querySelector("label")?.setAttribute("for", input.id);
    const hint = around.querySelector(":scope > .hint");
    const error = contact.querySelector(`[data-for="${name}"]`);
    if (error) error.id = `${input.id}-error`;
    if (hint) hint.id = `${input.id}-hint`;
    for (const beside of /** @type {NodeListOf<HTMLElement>} */ (
      input.parentElement?.querySelectorAll("[data-part]") ?? []
    )) {
      beside.id = `${input.id}-${beside.dataset.part}`;
    }
    const described = [hint, error].flatMap((element) => (element ? [element.id] : []));
    if (described.length) input.setAttribute("aria-describedby", described.join(" "));
  }
}

/** @param {HTMLElement} contact @param {string} name @param {string} example @param {string} hint */
function guide(contact, name, example, hint) {
  const input = /** @type {Input} */ (find(contact, name));
  /** @type {HTMLInputElement} */ (input).placeholder = example;
  const said = byId(`${input.id}-hint`);
  if (said.textContent !== hint) said.textContent = hint;
}

/** @param {HTMLElement} contact @param {string} selector @returns {any} */
function part(contact, selector) {
  return contact.querySelector(selector);
}
