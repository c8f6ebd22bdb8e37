/** Interprets a search for messages: an ID, a contact or a reference. Pure: no element, no request. */

import { EMAIL_CHANNELS, ID_CHANNELS, NUMBER_CHANNELS } from "../channels/channels.js";

/** @import { Contact, Settings } from "#api" */

/** How numbers without a country code are written in the usual country. @typedef {Pick<Settings, "default_country" | "calling_code" | "national_prefix">} Usual */

/**
 * @typedef {{kind: "all"}
 *   | {kind: "id", id: string}
 *   | {kind: "contacts", contacts: Contact[], address: string}
 *   | {kind: "reference", reference: string}
 *   | {kind: "invalid", problem: string}} Query
 */

/** What comes along when an address is copied from a chat or a web page: marks of direction, zero-width spaces. */
const UNSEEN = /[\p{Cc}\p{Cf}]/gu;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const EMAIL_ADDRESS = /^[^@\s<>]+@[^@\s<>]+$/;
const WRITTEN_NUMBER = /^(?:\+|00)?[\d\s().-]{5,}$/;
const NUMBER = /^[1-9]\d{6,14}$/;
/** Digits with spaces or brackets, and not with the country code: more are the number of another country. */
const LONGEST_NATIONAL = 10;
const USER_ID = /^[1-9]\d{9,49}$/;
const COUNTRY_CODE = "Enter the number with its country code, such as +44 7700 900001.";

/**
 * With a channel, the text is an address on it. Without one, it is an ID, a phone number on any channel, an email address, or a
 * user ID. Anything else is the client's own reference.
 * @param {string} typed
 * @param {string} channel   "" for any
 * @param {Usual} [usual]
 * @returns {Query}
 */
export function read(typed, channel, usual) {
  const text = typed.replace(UNSEEN, "").trim();
  if (!text) return { kind: "all" };
  if (UUID.test(text)) return { kind: "id", id: dashed(text.toLowerCase()) };
  if (channel) return onChannel(text, channel, usual);
  if (EMAIL_ADDRESS.test(text)) return contacts(text, EMAIL_CHANNELS);
  if (!WRITTEN_NUMBER.test(text)) return { kind: "reference", reference: typed.trim() };
  const number = plainNumber(text, usual);
  const ids = USER_ID.test(text) ? ID_CHANNELS : [];
  if (NUMBER.test(number)) return contacts(number, [...NUMBER_CHANNELS.slice(0, 1), ...ids]); // it is one customer on all of them
  if (ids.length) return contacts(text, ids);
  return { kind: "invalid", problem: COUNTRY_CODE };
}

/**
 * A written number in the stored form, E.164 without +: `+44 (0)7700 900-001` is 447700900001. One without a country code
 * is of the usual country, as the API reads it (domain/values/phone_numbers.py).
 * @param {string} typed @param {Usual} [usual]
 */
export function plainNumber(typed, usual) {
  const text = typed.trim();
  const digits = text
    .replace(/^(?:\+|00)/, "")
    .replace(/(\d)[\s.-]*\(0\)/, "$1")
    .replace(/[\s().-]/g, "");
  const { calling_code: code, national_prefix: prefix } = usual ?? {};
  if (!code || /^(?:\+|00)/.test(text)) return digits;
  const inside = Boolean(prefix) && digits.startsWith(prefix ?? "");
  const parted = digits !== text && !digits.startsWith(code) && (inside || digits.length <= LONGEST_NATIONAL);
  if (!digits.startsWith("0") && !parted) return digits;
  return code + (inside ? digits.slice(prefix?.length) : digits);
}

/** @param {string} text @param {string} channel @param {Usual} [usual] @returns {Query} */
function onChannel(text, channel, usual) {
  if (NUMBER_CHANNELS.includes(channel) && WRITTEN_NUMBER.test(text)) {
    const number = plainNumber(text, usual);
    return NUMBER.test(number) ? contacts(number, [channel]) : { kind: "invalid", problem: COUNTRY_CODE };
  }
  return /\s/.test(text)
    ? { kind: "invalid", problem: "An address has no spaces. To search by reference, choose “Any channel”." }
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
