/** What somebody typed to find a dispatch by: an id, a contact, or a reference. Pure: no element, no request. */

/** @typedef {{channel: string, address: string}} Contact */

/**
 * @typedef {{kind: "all"}
 *   | {kind: "id", id: string}
 *   | {kind: "contacts", contacts: Contact[], address: string}
 *   | {kind: "reference", reference: string}
 *   | {kind: "fault", fault: string}} Query
 */

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const MAILBOX = /^[^@\s<>]+@[^@\s<>]+$/;
const WRITTEN_NUMBER = /^(?:\+|00)?[\d\s().-]{5,}$/;
const NUMBER = /^[1-9]\d{6,14}$/;
const USER_ID = /^[1-9]\d{9,49}$/;
const COUNTRY_CODE = "Write the number with its country code, such as +44 7700 900001.";

/** Every channel on which somebody has a phone number. */
const BY_NUMBER = ["sms", "whatsapp", "rcs", "viber_service", "mms"];

/**
 * What is meant. With a channel the text is an address on it; without one it is guessed: an id, a phone number on any
 * channel, a mailbox, a Messenger user, and whatever is none of them is the client's own reference.
 * @param {string} typed
 * @param {string} channel   "" for any
 * @returns {Query}
 */
export function read(typed, channel) {
  const text = typed.trim();
  if (!text) return { kind: "all" };
  if (UUID.test(text)) return { kind: "id", id: dashed(text.toLowerCase()) };
  if (channel) return onChannel(text, channel);
  if (MAILBOX.test(text)) return contacts(text, ["email"]);
  if (!WRITTEN_NUMBER.test(text)) return { kind: "reference", reference: text };
  const number = plainNumber(text);
  if (NUMBER.test(number)) return contacts(number, USER_ID.test(text) ? [...BY_NUMBER, "messenger"] : BY_NUMBER);
  if (USER_ID.test(text)) return contacts(text, ["messenger"]);
  return { kind: "fault", fault: COUNTRY_CODE };
}

/**
 * A number as it is stored, E.164 without +, of what people write: `+44 (0)7700 900-001` is 447700900001.
 * @param {string} typed
 */
export function plainNumber(typed) {
  return typed
    .trim()
    .replace(/^(?:\+|00)/, "")
    .replace(/(\d)[\s.-]*\(0\)/, "$1")
    .replace(/[\s().-]/g, "");
}

/** @param {string} text @param {string} channel @returns {Query} */
function onChannel(text, channel) {
  if (BY_NUMBER.includes(channel) && WRITTEN_NUMBER.test(text)) {
    const number = plainNumber(text);
    return NUMBER.test(number) ? contacts(number, [channel]) : { kind: "fault", fault: COUNTRY_CODE };
  }
  return /\s/.test(text)
    ? { kind: "fault", fault: "An address has no spaces. For your own reference, choose “Any channel”." }
    : contacts(text, [channel]);
}

/** @param {string} address @param {string[]} channels @returns {Query} */
function contacts(address, channels) {
  return { kind: "contacts", address, contacts: channels.map((channel) => ({ channel, address })) };
}

/** @param {string} hex */
function dashed(hex) {
  return hex.replaceAll("-", "").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
