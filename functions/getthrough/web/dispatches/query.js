/** Interprets a search for messages: an ID, a contact or a reference. Pure: no element, no request. */

import { EMAIL_CHANNELS, ID_CHANNELS, NUMBER_CHANNELS } from "../channels/channels.js";

/** @import { Contact } from "#api" */

/**
 * @typedef {{kind: "all"}
 *   | {kind: "id", id: string}
 *   | {kind: "contacts", contacts: Contact[], address: string}
 *   | {kind: "reference", reference: string}
 *   | {kind: "invalid", problem: string}} Query
 */

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const EMAIL_ADDRESS = /^[^@\s<>]+@[^@\s<>]+$/;
const WRITTEN_NUMBER = /^(?:\+|00)?[\d\s().-]{5,}$/;
const NUMBER = /^[1-9]\d{6,14}$/;
const USER_ID = /^[1-9]\d{9,49}$/;
const COUNTRY_CODE = "Enter the number with its country code, such as +44 7700 900001.";

/**
 * With a channel, the text is an address on it. Without one, it is an ID, a phone number on any channel, an email address, or a
 * user ID. Anything else is the client's own reference.
 * @param {string} typed
 * @param {string} channel   "" for any
 * @returns {Query}
 */
export function read(typed, channel) {
  const text = typed.trim();
  if (!text) return { kind: "all" };
  if (UUID.test(text)) return { kind: "id", id: dashed(text.toLowerCase()) };
  if (channel) return onChannel(text, channel);
  if (EMAIL_ADDRESS.test(text)) return contacts(text, EMAIL_CHANNELS);
  if (!WRITTEN_NUMBER.test(text)) return { kind: "reference", reference: text };
  const number = plainNumber(text);
  const ids = USER_ID.test(text) ? ID_CHANNELS : [];
  if (NUMBER.test(number)) return contacts(number, [...NUMBER_CHANNELS, ...ids]);
  if (ids.length) return contacts(text, ids);
  return { kind: "invalid", problem: COUNTRY_CODE };
}

/**
 * A written number in the stored form, E.164 without +: `+44 (0)7700 900-001` is 447700900001.
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
  if (NUMBER_CHANNELS.includes(channel) && WRITTEN_NUMBER.test(text)) {
    const number = plainNumber(text);
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
