/**
 * Requests to the simulator over HTTP, and its errors in words.
 *
 * @typedef {{message_uuid: string, direction: "received" | "sent", other: string, channel: string,
 *   message_type: string, text: string | null, content: unknown, client_ref: string | null, status: string, error: number | null, shown: boolean, at: string, arrived_at: string | null}} Message
 * @typedef {{channel: string, address: string, mode: Mode, delay: number, reads: boolean | number, receipts: boolean,
 *   error: number, user_id: string, writes_as: string, hides_number: boolean, can_read: boolean,
 *   messages: Message[]}} Phone
 * @typedef {"on" | "airplane" | "slow" | "blocked" | "unreachable"} Mode
 */

/** The names of the simulator's channels. */
export const CHANNELS = new Map([
  ["sms", "SMS"],
  ["whatsapp", "WhatsApp"],
  ["rcs", "RCS"],
  ["viber_service", "Viber"],
  ["messenger", "Messenger"],
  ["mms", "MMS"],
  ["email", "Email"],
]);

/** Where the console is, once it is known. */
export const sender = { origin: "" };

/** There is no answer at all, as opposed to an error. */
export class AwayError extends Error {}

/**
 * Sends a request to the simulator. An error becomes an Error whose message is a sentence.
 * @template [T=unknown]
 * @param {string} method
 * @param {string} url
 * @param {unknown} [body]
 * @returns {Promise<T>} the answer's JSON; null if there is none
 */
export async function ask(method, url, body) {
  const options =
    body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let answer;
  try {
    answer = await fetch(url, { method, cache: "no-store", ...options });
  } catch {
    throw new AwayError(
      "The simulator does not answer. Is “make run” still running? This page continues when it is back.",
    );
  }
  const content = await answer.json().catch(() => null);
  if (answer.ok) return content;
  throw new Error(sentence(content?.detail ?? `the simulator answered ${answer.status}`));
}

/** @param {{channel: string, address: string}} phone */
export const path = (phone, action = "") =>
  `/phones/${encodeURIComponent(phone.channel)}/${encodeURIComponent(phone.address)}${action}`;

/** The message of a caught error. @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** @param {string} text */
const sentence = (text) => capital(text) + (/[.!?]$/.test(text) ? "" : ".");

/** @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * The element with this id, which the markup has.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  return /** @type {T} */ (document.getElementById(id));
}

/**
 * The first element within `root` that matches; the markup has it.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {T}
 */
export function part(root, selector) {
  return /** @type {T} */ (root.querySelector(selector));
}

/**
 * All elements within `root` that match.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export function parts(root, selector) {
  return [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(selector))];
}

/**
 * The first element of a template, copied.
 * @param {string} id
 */
export function copyOf(id) {
  const template = /** @type {HTMLTemplateElement} */ (byId(id));
  return /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
}

/**
 * An element with a class and a text. Content of messages only becomes text.
 * @param {string} tag @param {string} [name] @param {string} [text]
 */
export function make(tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text) element.textContent = text;
  return element;
}

/** Sets a text unless it is the same already: a screen reader reads changes. @param {Element} place @param {string} text */
export function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** The value at a path of JSON, or undefined. @param {unknown} value @param {...string} names @returns {unknown} */
export function valueAt(value, ...names) {
  let found = value;
  for (const name of names) {
    if (typeof found !== "object" || found === null) return undefined;
    found = /** @type {Record<string, unknown>} */ (found)[name];
  }
  return found;
}

/** The text at a path of JSON, or undefined. @param {unknown} value @param {...string} names */
export function textAt(value, ...names) {
  const found = valueAt(value, ...names);
  return typeof found === "string" ? found : undefined;
}

/** The list at a path of JSON, or an empty one. @param {unknown} value @param {...string} names @returns {unknown[]} */
export function listAt(value, ...names) {
  const found = valueAt(value, ...names);
  return Array.isArray(found) ? found : [];
}
