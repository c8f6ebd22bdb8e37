/** How many webhooks and messages wait for someone to look at them. */

import { watch } from "../api/watch.js";
import { may } from "../shell/scopes.js";
import { session } from "../shell/session.js";
import { computed, effect, signal } from "../vendor/preact.js";

/** @import { DeadLetters, QuarantinePage } from "#api" */

const PAGE_SIZE = 50;
const OFTEN = 60_000;

/** The newest webhooks in quarantine, and the dead letters; null before the first answer. */
export const quarantine = signal(/** @type {QuarantinePage | null} */ (null));
export const deadLetters = signal(/** @type {DeadLetters | null} */ (null));
export const problemCount = computed(
  () =>
    (quarantine.value?.webhooks.length ?? 0) +
    (deadLetters.value?.queues ?? []).reduce((sum, { messages }) => sum + messages, 0),
);

let look = () => {};

/** Reads both at once. */
export function lookForProblems() {
  look();
}

effect(() => {
  const api = session.value?.api;
  quarantine.value = null;
  deadLetters.value = null;
  if (!api || !may("admin")) return undefined;
  let open = true;
  async function read() {
    try {
      const [held, dead] = await Promise.all([
        /** @type {import("../api/api.js").Api} */ (api).get("/v1/quarantine", { query: { limit: PAGE_SIZE } }),
        /** @type {import("../api/api.js").Api} */ (api).get("/v1/dead-letters", {}),
      ]);
      if (!open) return false;
      quarantine.value = held.body;
      deadLetters.value = dead.body;
    } catch {
      // the banner says that the connection is lost; an error of the server shows in the view
    }
    return false;
  }
  const watching = watch(read, () => OFTEN);
  look = watching.now;
  return () => {
    open = false;
    watching.stop();
  };
});
