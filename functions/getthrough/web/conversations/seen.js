/** Which messages of customers were seen. Pure: what is kept is handed in. */

/** @import { InboundLine } from "#api" */

/** When the newest message of each conversation was seen, by its key; under "" what is older was seen. @typedef {Record<string, string>} Seen */

/** @param {{channel: string, address: string}} contact */
export function keyOf({ channel, address }) {
  return `${channel} ${address}`;
}

/** The newest message of each customer, newest first. @param {InboundLine[]} lines */
export function newestOfEach(lines) {
  /** @type {Map<string, InboundLine>} */
  const newest = new Map();
  for (const line of lines) if (!newest.has(keyOf(line))) newest.set(keyOf(line), line);
  return [...newest.values()];
}

/** Whether a conversation has a message that was not seen. @param {InboundLine} newest @param {Seen} seen */
export function isUnread(newest, seen) {
  return newest.received_at > (seen[keyOf(newest)] ?? seen[""] ?? "");
}

/**
 * How many conversations have one: "3", or "50+" if older ones that were not read may be unread too; empty for none.
 * @param {InboundLine[]} lines   newest first @param {Seen} seen @param {boolean} more   there are older ones
 */
export function unreadWords(lines, seen, more) {
  const count = newestOfEach(lines).filter((line) => isUnread(line, seen)).length;
  const oldest = lines.at(-1);
  return count ? `${count}${more && oldest && isUnread(oldest, seen) ? "+" : ""}` : "";
}
