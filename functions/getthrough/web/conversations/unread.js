/** How many conversations have something new. The inbox is read from every view, so that the count is right everywhere. */

import { watch } from "../api/watch.js";
import { may } from "../shell/scopes.js";
import { session } from "../shell/session.js";
import { computed, effect, signal } from "../vendor/preact.js";
import { keyOf, unreadCount } from "./seen.js";

/** @import { InboundLine } from "#api" */
/** @import { Seen } from "./seen.js" */

const KEPT = "getthrough.seen";
const PAGE_SIZE = 50;
/** Milliseconds between two looks from other views; the inbox itself looks more often. */
const BEHIND = 15_000;

/** The newest messages of customers. */
export const newestLines = signal(/** @type {InboundLine[]} */ ([]));
/** What was seen in this tab. Before the first look, everything was. */
export const seen = signal(/** @type {Seen} */ (JSON.parse(sessionStorage.getItem(KEPT) ?? "{}")));
export const unread = computed(() => unreadCount(newestLines.value, seen.value));

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

/** The newest lines were read. The first time, they were seen: what is new is what comes after. @param {InboundLine[]} lines */
export function take(lines) {
  if (seen.value[""] === undefined) keep({ ...seen.value, "": lines[0]?.received_at ?? "0" });
  newestLines.value = lines.slice(0, PAGE_SIZE);
}

effect(() => {
  const api = session.value?.api;
  if (!api || !may("read")) return undefined;
  let open = true;
  /** @type {string | null} */
  let etag = null;
  async function read() {
    try {
      const answer = await /** @type {import("../api/api.js").Api} */ (api).getIfChanged("/v1/conversations", etag, {
        query: { limit: PAGE_SIZE },
      });
      if (!open) return false;
      etag = answer.etag;
      if (!answer.body) return false;
      take(answer.body.conversations);
      return true;
    } catch {
      return false; // the view that is open says so
    }
  }
  const watching = watch(read, () => BEHIND);
  return () => {
    open = false;
    watching.stop();
  };
});
