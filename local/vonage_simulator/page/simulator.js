// @ts-check
/**
 * What the page asks of the simulator, over HTTP, and the words of its refusals.
 *
 * @typedef {{message_uuid: string, direction: "received" | "sent", other: string, message_type: string, text: string | null,
 *   content: any, status: string, error: number | null, shown: boolean, at: string, arrived_at: string | null}} Message
 * @typedef {{channel: string, address: string, mode: string, delay: number, reads: boolean | number, receipts: boolean,
 *   error: number, can_read: boolean, messages: Message[]}} Phone
 */

/** Every channel that the simulator has, as people call it. */
export const CHANNELS = {
  sms: "SMS", whatsapp: "WhatsApp", rcs: "RCS", viber_service: "Viber", messenger: "Messenger", mms: "MMS", email: "Email",
};

/** Nobody answers: not an error of what was asked. */
export class AwayError extends Error {}

/**
 * Asks the simulator; an answer that is an error becomes an Error whose message is a sentence.
 * @param {string} method @param {string} path @param {unknown} [body]
 * @returns {Promise<any>} its JSON; null if there is none
 */
export async function ask(method, path, body) {
  const options = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let answer;
  try {
    answer = await fetch(path, { method, cache: "no-store", ...options });
  } catch {
    throw new AwayError("The simulator does not answer. Is “make run” still running? This page goes on by itself when it is back.");
  }
  const told = await answer.json().catch(() => null);
  if (answer.ok) return told;
  throw new Error(sentence(told?.detail ?? `the simulator answered ${answer.status}`));
}

/** @param {{channel: string, address: string}} phone */
export const path = (phone, action = "") =>
  `/phones/${encodeURIComponent(phone.channel)}/${encodeURIComponent(phone.address)}${action}`;

/** @param {string} text */
const sentence = (text) => text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

/**
 * The element with this id; the page's markup has it.
 * @param {string} id @returns {any}
 */
export const byId = (id) => document.getElementById(id);

/**
 * An element with a class and a text; what is in a message only ever becomes text.
 * @param {string} tag @param {string} [name] @param {string} [text]
 */
export function make(tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
}

/** Says it, unless it stands there already: a screen reader reads what changes. @param {Element} where @param {string} text */
export function say(where, text) {
  if (where.textContent !== text) where.textContent = text;
}
