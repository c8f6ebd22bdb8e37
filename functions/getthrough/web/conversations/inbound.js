/** A message from a customer, read from Vonage's webhook in each of its shapes. Pure. */

/**
 * @typedef {object} Inbound
 * @property {string} kind   its message type
 * @property {string} text   what the customer wrote or chose; empty where there are no words
 * @property {string} url   of what came with it
 * @property {string} to   our number or id, which the customer wrote to
 * @property {string} name   what the customer calls himself, where the channel tells
 */

/** Where a message that is no text has its words. @type {Record<string, string[]>} */
const WORDS = {
  reply: ["title"],
  button: ["text", "payload"],
  location: ["name", "address"],
  contact: ["name"],
  reaction: ["emoji"],
};

/** @param {any} raw @returns {Inbound} */
export function readInbound(raw) {
  const content = raw?.message?.content ?? raw ?? {};
  const kind = text(content.message_type) || text(content.type) || "text";
  const part = content[kind] ?? {};
  const words = (WORDS[kind] ?? ["caption"]).map((name) => text(part[name]));
  return {
    kind,
    text: text(content.text) || words.find(Boolean) || place(kind, part),
    url: text(part.url),
    to: text(raw?.to) || text(raw?.to?.number) || text(raw?.to?.id),
    name: text(raw?.profile?.name) || text(raw?.from?.name),
  };
}

/** @param {string} kind @param {any} part */
function place(kind, { lat, long }) {
  return kind === "location" && lat !== undefined && long !== undefined ? `${lat}, ${long}` : "";
}

/** @param {unknown} value */
function text(value) {
  return typeof value === "string" ? value : "";
}
