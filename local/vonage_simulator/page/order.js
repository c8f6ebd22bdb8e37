/** Which numbers come first, and which are shown whole. Pure. */

/** @import { Phone } from "./simulator.js" */

/** So many numbers are shown whole; the others are a line each. */
export const WHOLE = 6;

/** @typedef {{address: string, phones: Phone[], seenAt: number}} Entry   `seenAt`: when the page saw its first phone */

/** When something last happened to a number, in milliseconds. @param {Entry} entry */
function newsAt({ phones, seenAt }) {
  const times = phones.flatMap(({ messages }) =>
    messages.map(({ at, arrived_at: arrived }) => Date.parse(arrived ?? at)),
  );
  return times.length ? Math.max(...times) : seenAt;
}

/** The numbers, those with the newest message first. @param {Entry[]} entries */
export function newestFirst(entries) {
  return [...entries].sort((one, two) => newsAt(two) - newsAt(one));
}

/** Whether a number, a channel or a text of its messages has what was typed. @param {Entry} entry @param {string} typed */
export function fits({ address, phones }, typed) {
  const wanted = typed.trim().toLowerCase();
  const digits = /^\+?[\d\s().-]+$/.test(wanted) ? wanted.replace(/\D/g, "") : wanted;
  const texts = phones.flatMap(({ channel, messages }) => [channel, ...messages.map(({ text }) => text ?? "")]);
  return !wanted || [address, ...texts].some((text) => text.toLowerCase().includes(digits));
}

/** "SMS: Your cupcakes are ready!": the newest message of a number; empty if there is none. @param {Entry} entry */
export function lastText({ phones }) {
  const [last] = phones.flatMap(({ messages }) => messages).sort((one, two) => (one.at < two.at ? 1 : -1));
  return last ? (last.text ?? last.message_type) : "";
}

/** The console's page of the dispatch that a message belongs to; null if its reference is not a message's id. @param {string} origin @param {string | null} reference */
export function dispatchLink(origin, reference) {
  const known = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(reference ?? "");
  return origin && known ? `${origin}/#/dispatches/${reference?.slice(0, -2)}00` : null;
}
