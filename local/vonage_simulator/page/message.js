// @ts-check
/** What a message looks like: on the screen, and before it is there. Its words are only ever text. */
import { make } from "./simulator.js";

/** @typedef {import("./simulator.js").Message} Message */

const KINDS = {
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
  unsupported: "Not supported",
};

const ERRORS = {
  1000: "too many messages",
  1100: "could not be handed on",
  1180: "phone off",
  1190: "no such number",
  1240: "opted out",
  1260: "destination unreachable",
  1280: "blocked by the carrier",
  1300: "not in this network",
  1310: "not a suitable device",
  1360: "its time to live ran out",
};

/** What a blocked phone can be told as. */
export const BLOCKS = [1280, 1240, 1180, 1190, 1260, 1300, 1310];

/** @param {number} code */
export const errorWords = (code) => `${code}, ${ERRORS[code] ?? "not delivered"}`;

const HIDDEN = {
  accepted: "on its way",
  submitted: "on its way",
  rejected: "rejected",
  undeliverable: "undeliverable",
  revoked: "taken back",
};

/** @param {Message} message */
export function bubble(message) {
  const item = make("li", message.direction);
  const body = make("div", "bubble");
  const { message_type: kind, content } = message;
  const subject = content.email?.subject;
  if (subject) body.append(make("strong", "subject", subject));
  const reply = content.reply?.title ?? content.button?.text;
  if (message.text !== null || reply) body.append(make("p", "", message.text ?? reply));
  else body.append(...attached(kind, content));
  if (content.viber_service?.action) body.append(make("span", "action", content.viber_service.action.text));
  item.append(body, make("span", "about", about(message)));
  return item;
}

/** What is no plain text: what it is, and what it says. @param {string} kind @param {any} content */
function attached(kind, content) {
  const part = content[kind];
  const cards = kind === "card" ? [part] : kind === "carousel" ? (part?.cards ?? []) : null;
  if (cards) {
    return cards.map((/** @type {any} */ card) => {
      const box = make("div", "card");
      box.append(make("span", "media", card.media_url), make("strong", "", card.title), make("p", "", card.text));
      return box;
    });
  }
  if (kind === "content" && Array.isArray(part))
    return part.map((one) => media(one.type, one.text ?? one.body ?? one.url, one.caption));
  const known = part?.url ?? part?.body ?? part?.name ?? part?.emoji;
  return [media(kind, known ?? JSON.stringify(part ?? content), part?.caption)];
}

/** @param {string} kind @param {string} what @param {string} [caption] */
function media(kind, what, caption) {
  const box = make("div", "attached");
  box.append(make("span", "kind", KINDS[kind] ?? kind), make("span", "media", what));
  if (caption) box.append(make("p", "", caption));
  return box;
}

/** @param {string} at */
const clock = (at) => new Date(at).toLocaleTimeString("en-GB");

/** @param {Message} message */
function about(message) {
  if (message.direction === "sent") return `${clock(message.at)} · sent to ${message.other}`;
  const seconds = message.arrived_at ? (Date.parse(message.arrived_at) - Date.parse(message.at)) / 1000 : 0;
  const late = seconds >= 3 ? ` · came after ${seconds.toFixed(0)} s` : "";
  return `${clock(message.arrived_at ?? message.at)}${late}${message.status === "read" ? " · read" : ""}`;
}

/** One line about a message that is not on the phone. @param {Message} message @param {string} mode of the phone */
export function hidden(message, mode) {
  const item = make("li", message.status);
  const waits = message.status === "submitted" && mode === "airplane";
  const error = message.error === null ? "" : ` (${errorWords(message.error)})`;
  item.append(
    make("b", "", waits ? "Waits for this phone" : capital(HIDDEN[message.status]) + error),
    make("span", "", `${message.other}: ${message.text ?? KINDS[message.message_type] ?? message.message_type}`),
  );
  return item;
}

/** @param {string} word */
const capital = (word) => word[0].toUpperCase() + word.slice(1);
