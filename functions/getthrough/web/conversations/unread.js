/** How many conversations have something new. The inbox is read from every view, so that the count is right everywhere. */

import { keepReading } from "../shell/keep_reading.js";
import { computed, signal } from "../vendor/preact.js";
import { keyOf, unreadWords } from "./seen.js";

/** @import { InboundLine } from "#api" */
/** @import { Seen } from "./seen.js" */

const KEPT = "getthrough.seen";
const PAGE_SIZE = 50;
/** Milliseconds between two looks from other views; the inbox itself looks more often. */
const BEHIND = 15_000;
const A_DAY = 86_400_000;

/** The newest messages of customers. */
export const newestLines = signal(/** @type {InboundLine[]} */ ([]));
/** What was seen in this tab. A new tab takes for unread what came in the last day. */
export const seen = signal(/** @type {Seen} */ (JSON.parse(sessionStorage.getItem(KEPT) ?? "{}")));
const more = signal(/** @type {boolean} */ (false));
export const unread = computed(() => unreadWords(newestLines.value, seen.value, more.value));

/** The conversation was seen up to this moment. @param {{channel: string, address: string}} contact @param {string} at */
export function markSeen(contact, at) {
  if (at <= (seen.value[keyOf(contact)] ?? "")) return;
  keep({ ...seen.value, [keyOf(contact)]: at });
}

/** @param {Seen} now */
function keep(now) {
  seen.value = now;
  sessionStorage.setItem(KEPT, JSON.stringify(now));
}

/** The newest lines were read. @param {InboundLine[]} lines @param {boolean} older   there are older ones */
export function take(lines, older) {
  if (seen.value[""] === undefined) keep({ ...seen.value, "": new Date(Date.now() - A_DAY).toISOString() });
  newestLines.value = lines.slice(0, PAGE_SIZE);
  more.value = older || lines.length > PAGE_SIZE;
}

keepReading({
  scope: "read",
  open(api) {
    /** @type {string | null} */
    let etag = null;
    return async () => {
      const answer = await api.getIfChanged("/v1/conversations", etag, { query: { limit: PAGE_SIZE } });
      etag = answer.etag;
      return answer.body;
    };
  },
  take(body) {
    if (body) take(body.conversations, body.cursor !== null);
    return body !== null;
  },
  wait: BEHIND,
  always: true, // the tab's title says how many wrote
});
