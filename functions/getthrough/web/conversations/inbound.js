/** Reads a customer's message from each shape of Vonage's webhook. Pure. */

import { own } from "../text/own.js";

/**
 * @typedef {object} Inbound
 * @property {string} kind   its message type
 * @property {string} text   what the customer wrote or chose, or empty
 * @property {string} url   the URL of an attachment
 * @property {string} to   our number or ID that the customer wrote to
 * @property {string} name   the customer's name, if the channel tells it
 */

/** The fields with the words of a message that is not a text. @type {Record<string, string[]>} */
const WORDS = {
  reply: ["title"],
  button: ["text", "payload"],
  location: ["name", "address"],
  contact: ["name"],
  reaction: ["emoji"],
};

/** @param {unknown} raw @returns {Inbound} */
export function readInbound(raw) {
  const content = at(raw, "message", "content") ?? raw;
  const kind = text(content, "message_type") || text(content, "type") || "text";
  const words = (own(WORDS, kind) ?? ["caption"]).map((name) => text(content, kind, name));
  return {
    kind,
    text: text(content, "text") || words.find(Boolean) || place(kind, content),
    url: text(content, kind, "url"),
    to: text(raw, "to") || text(raw, "to", "number") || text(raw, "to", "id"),
    name: text(raw, "profile", "name") || text(raw, "from", "name"),
  };
}

/** @param {string} kind @param {unknown} content */
function place(kind, content) {
  const [lat, long] = [at(content, kind, "lat"), at(content, kind, "long")];
  return kind === "location" && lat !== undefined && long !== undefined ? `${lat}, ${long}` : "";
}

/** The text at a path, or empty. @param {unknown} value @param {...string} path */
function text(value, ...path) {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

/** The value at a path, or undefined. @param {unknown} value @param {...string} path */
function at(value, ...path) {
  let found = value;
  for (const name of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = /** @type {Record<string, unknown>} */ (found)[name];
  }
  return found;
}
