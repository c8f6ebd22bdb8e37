/** What a message looks like, on the screen and before it arrives. Its content only becomes text. */
import { dispatchLink } from "./order.js";
import { capital, listAt, make, sender, textAt, valueAt } from "./simulator.js";

/** @import { Message } from "./simulator.js" */

const KINDS = new Map(
  Object.entries({
    image: "Image",
    video: "Video",
    audio: "Audio",
    file: "File",
    vcard: "Contact card",
    sticker: "Sticker",
    template: "Template",
    card: "Card",
    carousel: "Carousel",
    location: "Location",
    reaction: "Reaction",
    contacts: "Contacts",
    order: "Order",
    html: "HTML",
    content: "Attachments",
    custom: "Custom",
    reply: "Choice",
    button: "Button",
    system: "Notice",
    unsupported: "Not supported",
  }),
);

const ERRORS = new Map([
  [1000, "too many messages"],
  [1100, "not passed to the carrier"],
  [1180, "phone off"],
  [1190, "no such number"],
  [1240, "opted out"],
  [1260, "destination unreachable"],
  [1280, "blocked by the carrier"],
  [1300, "not in this network"],
  [1310, "not a suitable device"],
  [1340, "not a template, and no message in the last 24 hours"],
  [1360, "time to live ended"],
]);

/** The errors that a blocked phone can report. */
export const BLOCKS = [1280, 1240, 1180, 1190, 1260, 1300, 1310];

/** @param {number} code */
export const errorWords = (code) => `${code}, ${ERRORS.get(code) ?? "not delivered"}`;

const HIDDEN = new Map([
  ["accepted", "on its way"],
  ["submitted", "on its way"],
  ["rejected", "rejected"],
  ["undeliverable", "undeliverable"],
  ["revoked", "revoked"],
]);

/** @param {Message} message */
export function bubble(message) {
  const item = make("li", message.direction);
  const body = make("div", "bubble");
  const { message_type: kind, content } = message;
  const subject = textAt(content, "email", "subject");
  if (subject) body.append(make("strong", "subject", subject));
  const reply = textAt(content, "reply", "title") ?? textAt(content, "button", "text");
  const text = message.text ?? reply;
  if (text !== undefined) body.append(make("p", "", text));
  else body.append(...attached(kind, content));
  const action = textAt(content, "viber_service", "action", "text");
  if (action) body.append(make("span", "action", action));
  item.append(body, make("span", "about", about(message)), ...inConsole(message));
  return item;
}

/** A link to what the console knows of a message. @param {Message} message */
function inConsole({ client_ref: reference }) {
  const href = dispatchLink(sender.origin, reference);
  if (!href) return [];
  const link = make("a", "in-console", "In the console");
  link.setAttribute("href", href);
  link.setAttribute("target", "getthrough-console");
  return [link];
}

/** A message that is not plain text: its kind and its content. @param {string} kind @param {unknown} content */
function attached(kind, content) {
  const value = valueAt(content, kind);
  const cards = kind === "card" ? [value] : kind === "carousel" ? listAt(value, "cards") : null;
  if (cards) return cards.map(cardBox);
  if (kind === "content" && Array.isArray(value)) return value.map(attachment);
  const known = ["url", "body", "name", "emoji"].map((name) => textAt(value, name)).find((one) => one !== undefined);
  return [media(kind, known ?? JSON.stringify(value ?? content), textAt(value, "caption"))];
}

/** @param {unknown} card */
function cardBox(card) {
  const box = make("div", "card");
  box.append(
    make("span", "media", textAt(card, "media_url")),
    make("strong", "", textAt(card, "title")),
    make("p", "", textAt(card, "text")),
  );
  return box;
}

/** @param {unknown} one */
function attachment(one) {
  const what = textAt(one, "text") ?? textAt(one, "body") ?? textAt(one, "url") ?? "";
  return media(textAt(one, "type") ?? "", what, textAt(one, "caption"));
}

/** @param {string} kind @param {string} what @param {string} [caption] */
function media(kind, what, caption) {
  const box = make("div", "attached");
  box.append(make("span", "kind", KINDS.get(kind) ?? kind), make("span", "media", what));
  if (caption) box.append(make("p", "", caption));
  return box;
}

/** @param {string} at */
const clock = (at) => new Date(at).toLocaleTimeString("en-GB");

/** @param {Message} message */
function about(message) {
  if (message.direction === "sent") return `${clock(message.at)} · sent to ${message.other}`;
  const seconds = message.arrived_at ? (Date.parse(message.arrived_at) - Date.parse(message.at)) / 1000 : 0;
  const late = seconds >= 3 ? ` · arrived after ${seconds.toFixed(0)} s` : "";
  return `${clock(message.arrived_at ?? message.at)}${late}${message.status === "read" ? " · read" : ""}`;
}

/** One line about a message that is not on the phone. @param {Message} message @param {string} mode of the phone */
export function hidden(message, mode) {
  const item = make("li", message.status);
  const waits = message.status === "submitted" && mode === "airplane";
  const error = message.error === null ? "" : ` (${errorWords(message.error)})`;
  const state = capital(HIDDEN.get(message.status) ?? message.status);
  const text = message.text ?? KINDS.get(message.message_type) ?? message.message_type;
  item.append(
    make("b", "", waits ? "Waits for this phone" : state + error),
    make("span", "", `${message.other}: ${text}`),
    ...inConsole(message),
  );
  return item;
}
