/** Shows how long a text is: characters, SMS segments, and the characters that need more segments. */

import { channelName, messageType } from "../channels/channels.js";
import { announce, byId, tell } from "../elements/dom.js";
import { named, plainer, segmentsOf } from "../text/sms_segments.js";
import { listed } from "../time/recurrence.js";
import { contacts } from "./contacts.js";
import { find } from "./form_values.js";
import { textOf } from "./request.js";

/** @import { Segments } from "../text/sms_segments.js" */
/** @import { Draft } from "./request.js" */

const MOST_NAMED = 5;

/** @param {HTMLElement} form @param {() => void} changed */
export function mountText(form, changed) {
  form.addEventListener("click", ({ target }) => {
    const button = /** @type {HTMLElement} */ (target).closest("[data-plainer]");
    const text = button?.parentElement?.querySelector("textarea");
    if (!text) return;
    text.value = plainer(text.value);
    text.focus();
    announce("Replaced with plain characters.");
    changed();
  });
}

/** @param {Draft} draft */
export function describeText(draft) {
  const sharing = draft.contacts.filter(
    (contact) => !contact.own && messageType(contact.channel, contact.message_type).textPath,
  );
  const sms = sharing.some(({ channel }) => channel === "sms");
  show("text", draft.values.text, sms, tooLong(draft));
  draft.contacts.forEach((contact, index) => {
    if (contact.own) {
      const { most } = messageType(contact.channel, contact.message_type);
      const text = textOf(draft.values, contact);
      const tooMuch =
        most && length(text) > most ? `${channelName(contact.channel)} allows up to ${most} characters.` : "";
      const card = contacts()[index];
      const field = card && find(card, "text");
      if (field) show(field.id, text, contact.channel === "sms", tooMuch);
    }
  });
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (byId("contacts").querySelectorAll("[data-most]"))) {
    const most = Number(input.dataset.most);
    byId(`${input.id}-hint`).textContent = `${length(input.value)} of ${most} characters`;
  }
}

/** @param {string} id   of the field @param {string} text @param {boolean} sms @param {string} tooMuch */
function show(id, text, sms, tooMuch) {
  const segments = segmentsOf(text);
  tell(byId(`${id}-count`), text ? counted(segments, sms) : "");
  const unicode = sms ? unicodeWords(text) : "";
  tell(byId(`${id}-limit`), [tooMuch, unicode].filter(Boolean).join(" "));
  byId(`${id}-limit`).classList.toggle("bad", tooMuch !== "");
  const replaceable = unicode !== "" && segmentsOf(plainer(text)).culprits.length < segments.culprits.length;
  byId(`${id}-plainer`).hidden = !replaceable;
}

/** "43 characters · 1 SMS segment, room for 117 more" @param {Segments} segments @param {boolean} sms */
function counted({ characters, segments, left }, sms) {
  const count = `${characters} ${characters === 1 ? "character" : "characters"}`;
  return sms ? `${count} · ${segments} SMS ${segments === 1 ? "segment" : "segments"}, room for ${left} more` : count;
}

/** "“ş” is not in the SMS alphabet: 2 segments instead of 1." @param {string} text */
function unicodeWords(text) {
  const { culprits, segments } = segmentsOf(text);
  if (!culprits.length) return "";
  const names = culprits.slice(0, MOST_NAMED).map(named);
  const more = culprits.length - names.length;
  const without = segmentsOf(
    [...text].map((character) => (segmentsOf(character).culprits.length ? "x" : character)).join(""),
  ).segments;
  const price =
    segments > without ? `: ${segments} segments instead of ${without}` : ", so a segment holds 70 characters, not 160";
  return `${listed(more ? [...names, `${more} more`] : names)} ${culprits.length === 1 ? "is" : "are"} not in the SMS alphabet${price}.`;
}

/** The channels for which the shared text is too long. @param {Draft} draft */
function tooLong({ values, contacts: all }) {
  const count = length(values.text);
  const short = all.flatMap((contact) => {
    const { textPath, most } = messageType(contact.channel, contact.message_type);
    return textPath && most && !contact.own && count > most ? [`${channelName(contact.channel)} (${most})`] : [];
  });
  if (!short.length) return "";
  const help = all.length > 1 ? " Shorten it, or write a different text for that contact." : "";
  return `Too long for ${listed([...new Set(short)])}.${help}`;
}

/** Counted in code points, as the API does. @param {string} text */
function length(text) {
  return [...text].length;
}
