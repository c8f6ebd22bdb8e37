/** How long what is typed is, where: characters, SMS segments, and which characters make them dear. */

import { typeOf } from "../channels/fields.js";
import { announce, byId, tell } from "../elements/dom.js";
import { named, plainer, segmentsOf } from "../text/sms_segments.js";
import { CHANNELS } from "../text/words.js";
import { listed } from "../time/recurrence.js";
import { contacts } from "./contacts.js";
import { find } from "./form_values.js";
import { textOf } from "./request.js";

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
    announce("Replaced by plain characters.");
    changed();
  });
}

/** @param {Draft} draft */
export function describeText(draft) {
  const sharing = draft.contacts.filter(
    (contact) => !contact.own && typeOf(contact.channel, contact.message_type)[1].says,
  );
  const sms = sharing.some(({ channel }) => channel === "sms");
  show("text", draft.values.text, sms, tooLong(draft));
  draft.contacts.forEach((contact, index) => {
    if (contact.own) {
      const most = typeOf(contact.channel, contact.message_type)[1].most;
      const text = textOf(draft, index);
      const much =
        most && length(text) > most ? `${CHANNELS[contact.channel].name} takes ${most} characters at most.` : "";
      show(find(contacts()[index], "text")?.id ?? "", text, contact.channel === "sms", much);
    }
  });
  for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (byId("contacts").querySelectorAll("[data-most]"))) {
    const most = Number(input.dataset.most);
    byId(`${input.id}-hint`).textContent = `${length(input.value)} of ${most} characters`;
  }
}

/** @param {string} id   of the field @param {string} text @param {boolean} sms @param {string} wrong */
function show(id, text, sms, wrong) {
  const segments = segmentsOf(text);
  tell(byId(`${id}-count`), text ? counted(segments, sms) : "");
  const dear = sms ? unicodeWords(text) : "";
  tell(byId(`${id}-limit`), [wrong, dear].filter(Boolean).join(" "));
  byId(`${id}-limit`).classList.toggle("bad", wrong !== "");
  const mendable = dear !== "" && segmentsOf(plainer(text)).culprits.length < segments.culprits.length;
  byId(`${id}-plainer`).hidden = !mendable;
}

/** "43 characters, 1 SMS segment (117 left)" @param {import("../text/sms_segments.js").Segments} segments @param {boolean} sms */
function counted({ characters, segments, left }, sms) {
  const count = `${characters} ${characters === 1 ? "character" : "characters"}`;
  return sms ? `${count} · ${segments} SMS ${segments === 1 ? "segment" : "segments"}, room for ${left} more` : count;
}

/** "“ş” does not fit into the alphabet of SMS: 2 segments instead of 1." @param {string} text */
function unicodeWords(text) {
  const { culprits, segments } = segmentsOf(text);
  if (!culprits.length) return "";
  const told = culprits.slice(0, MOST_NAMED).map(named);
  const more = culprits.length - told.length;
  const without = segmentsOf(
    [...text].map((character) => (segmentsOf(character).culprits.length ? "x" : character)).join(""),
  ).segments;
  const price =
    segments > without ? `: ${segments} segments instead of ${without}` : ", so a segment holds 70 characters, not 160";
  return `${listed(more ? [...told, `${more} more`] : told)} ${culprits.length === 1 ? "is" : "are"} not in the alphabet of SMS${price}.`;
}

/** For whom the text of all is too long. @param {Draft} draft */
function tooLong({ values, contacts: all }) {
  const count = length(values.text);
  const short = all.flatMap((contact) => {
    const { says, most } = typeOf(contact.channel, contact.message_type)[1];
    return says && most && !contact.own && count > most ? [`${CHANNELS[contact.channel].name} (${most})`] : [];
  });
  if (!short.length) return "";
  const help = all.length > 1 ? " Shorten it, or give that contact a text of its own." : "";
  return `Too long for ${listed([...new Set(short)])}.${help}`;
}

/** As the API counts. @param {string} text */
function length(text) {
  return [...text].length;
}
