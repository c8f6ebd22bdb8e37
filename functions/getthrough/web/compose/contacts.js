/** The contacts of the form, in order: each is a card with its fields and its window. */

import { CHANNEL_LIST, channelName, channelOf, messageType } from "../channels/channels.js";
import { announce, byId, h, part, parts, tell } from "../elements/dom.js";
import { reorderable } from "../elements/reorder.js";
import { senderOf } from "../settings/saved.js";
import { shared } from "../settings/shared.js";
import { render } from "../vendor/preact.js";
import { contactElements } from "./contact_card.js";
import { find, read, write } from "./form_values.js";
import { picturePreview } from "./picture_preview.js";

/** @import { Address, Field, FormChannel } from "../channels/channels.js" */
/** @import { Contact } from "./request.js" */

const MOST_CONTACTS = 10;

/** The list of contacts, in the form. */
const contactList = () => byId("contacts");

/** The values of fields that the current channel or type lacks, restored when it has them again. @type {WeakMap<HTMLElement, Contact>} */
const kept = new WeakMap();

let made = 0;

/** @param {() => void} changed   called when contacts were added, moved or removed */
export function mountContacts(changed) {
  const list = contactList();
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
    announce(position(contact));
  });
}

/** @returns {HTMLElement[]} */
export function contacts() {
  return [.../** @type {HTMLCollectionOf<HTMLElement>} */ (contactList().children)];
}

/** The values of a contact, including fields that are hidden now. @param {HTMLElement} contact @returns {Contact} */
export function readContact(contact) {
  return /** @type {Contact} */ ({ ...kept.get(contact), ...read(contact) });
}

/** @param {Partial<Contact>} [values] */
export function addContact(values = { channel: contactList().children.length ? "whatsapp" : "sms" }) {
  const holder = h("div");
  render(contactElements(), holder);
  const contact = part(holder, "li");
  contact.id = `contact-${++made}`;
  part(contact, "[data-field=channel]").append(
    ...CHANNEL_LIST.map((value) => h("option", { value }, channelName(value))),
  );
  contactList().append(contact);
  const { channel = "sms" } = values;
  const known = { ...values, channel: CHANNEL_LIST.includes(channel) ? channel : "sms" };
  write(contact, known);
  kept.set(contact, /** @type {Contact} */ ({ ...read(contact), ...known }));
  adaptFields(contact);
  write(contact, known);
  const details = /** @type {HTMLDetailsElement} */ (part(contact, "details"));
  details.open = Boolean(known.own || known.urgent || (known.message_type && known.message_type !== "text"));
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
  announce(position(contact));
}

/** @param {HTMLElement} contact */
function position(contact) {
  return `Now number ${contacts().indexOf(contact) + 1} of ${contactList().children.length}.`;
}

/** Updates names, hints and visibility from the fields. @param {boolean} quiet   there are quiet hours */
export function describeContacts(quiet) {
  const all = contacts();
  const { default_country: country } = shared.value;
  all.forEach((contact, index) => {
    adaptFields(contact);
    const last = index === all.length - 1;
    const { channel, message_type: type, own } = readContact(contact);
    const described = channelOf(channel);
    const { name, types, options, to, from } = described;
    const { textPath, name: typeName } = messageType(channel, type);
    part(contact, "legend").textContent = index ? `Fallback ${index}` : "First contact";
    /** @type {Record<string, boolean>} */
    const hidden = { up: index === 0, down: last, remove: all.length === 1 };
    for (const button of parts(contact, "[data-do]")) {
      button.hidden = hidden[button.dataset.do ?? ""] ?? false;
      button.setAttribute(
        "aria-label",
        `${button.textContent?.trim().slice(2)}: ${index ? `fallback ${index}` : "first contact"}`,
      );
    }
    part(contact, ".grip").hidden = all.length === 1;
    guide(
      contact,
      "to",
      to.keyboard === "tel" && country ? { ...to, hint: `Without a country code: ${country}.` } : to,
    );
    find(contact, "to")?.setAttribute("inputmode", to.keyboard);
    guide(contact, "from", from);
    find(contact, "from")?.setAttribute("list", `senders-${channel}`);
    const ownText = textPath !== null && (all.length > 1 || own);
    part(contact, ".own").hidden = !ownText;
    part(contact, ".own .field").hidden = !own;
    part(contact, ".type").hidden = types.length === 1;
    part(contact, ".urgent").hidden = !quiet;
    tell(
      part(contact, ".mute"),
      textPath ? "" : `${name} sends a ${typeName.toLowerCase()} without text. The message above is not sent with it.`,
    );
    const more = [
      ...types.slice(1).map((each) => each.name),
      ownText ? "own text" : "",
      quiet ? "urgent" : "",
      options.length ? "category" : "",
    ].filter(Boolean);
    part(contact, "details").hidden = more.length === 0;
    part(contact, "summary").textContent = sentence(more);
    part(contact, ".window").hidden = last;
    offerConditions(part(contact, "[data-field=condition_status]"), described);
  });
  byId("add").hidden = all.length >= MOST_CONTACTS;
  byId("add-hint").textContent =
    all.length < MOST_CONTACTS
      ? "Used if the message before it isn’t delivered in time."
      : `You can add up to ${MOST_CONTACTS} contacts.`;
}

/** "Picture, file, own text" @param {string[]} items */
function sentence(items) {
  const text = items.join(", ").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Offers the conditions that a message on a channel can have. @param {HTMLElement} select @param {FormChannel} channel */
export function offerConditions(select, { reads, name }) {
  const conditions = reads ? ["delivered", "read", "replied"] : ["delivered", "replied"];
  const field = /** @type {HTMLSelectElement} */ (select);
  field.title = reads ? "" : `${name} doesn’t report when a message is read.`;
  if (field.children.length === conditions.length) return;
  const chosen = field.value;
  field.replaceChildren(...conditions.map((value) => h("option", { value }, value === "replied" ? "answered" : value)));
  field.value = conditions.includes(chosen) ? chosen : "delivered";
}

/** Gives a contact the fields of its channel and type. @param {HTMLElement} contact */
function adaptFields(contact) {
  const values = readContact(contact);
  const { types, options, window } = channelOf(values.channel);
  const { type, fields } = messageType(values.channel, values.message_type);
  const now = `${values.channel} ${type}`;
  if (contact.dataset.adapted === now) return;
  const [before = ""] = (contact.dataset.adapted ?? "").split(" ");
  const untouched = values.unit === "1" && ["", channelOf(before).window].includes(values.expiry_time);
  if (untouched) values.expiry_time = window;
  const { senders } = shared.value;
  if (!values.from || (before && values.from === senderOf(senders, before))) {
    values.from = senderOf(senders, values.channel);
  }
  contact.dataset.adapted = now;
  kept.set(contact, values);
  part(contact, "[data-field=message_type]").replaceChildren(
    ...types.map(({ type: value, name }) => h("option", { value }, name)),
  );
  part(contact, ".fields").replaceChildren(...fields.map(build));
  part(contact, ".options").replaceChildren(...options.map(build));
  write(contact, { ...values, message_type: type });
  connectLabels(contact);
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
  const look = kind === "picture" ? picturePreview(/** @type {HTMLInputElement} */ (input)) : null;
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

/** Connects labels, hints and errors to their fields. @param {HTMLElement} contact */
function connectLabels(contact) {
  for (const input of parts(contact, "[data-field]")) {
    const name = input.dataset.field ?? "";
    input.id = `${contact.id}-${name.replaceAll(".", "-")}`;
    const around = /** @type {HTMLElement} */ (input.closest(".field, .check"));
    if (around.matches(".field")) around.querySelector("label")?.setAttribute("for", input.id);
    const hint = around.querySelector(":scope > .hint");
    const error = contact.querySelector(`[data-for="${name}"]`);
    if (error) error.id = `${input.id}-error`;
    if (hint) hint.id = `${input.id}-hint`;
    for (const beside of input.parentElement ? parts(input.parentElement, "[data-part]") : []) {
      beside.id = `${input.id}-${beside.dataset.part}`;
    }
    const described = [hint, error].flatMap((element) => (element ? [element.id] : []));
    if (described.length) input.setAttribute("aria-describedby", described.join(" "));
  }
}

/** Shows an example and a hint for an address. @param {HTMLElement} contact @param {string} name @param {Address} address */
function guide(contact, name, { example, hint }) {
  const input = /** @type {HTMLInputElement} */ (find(contact, name));
  input.placeholder = example;
  const shown = byId(`${input.id}-hint`);
  if (shown.textContent !== hint) shown.textContent = hint;
}
