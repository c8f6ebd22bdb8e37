/** How many webhooks and messages wait for someone to look at them, and how many of today and yesterday were not delivered. */

import { readDay } from "../days/read_day.js";
import { openOne } from "../lists/one.js";
import { keepReading } from "../shell/keep_reading.js";
import { after, today } from "../time/days.js";
import { computed, signal } from "../vendor/preact.js";
import { failuresOf, unseen } from "./failures.js";

/** @import { Day, DeadLetters, QuarantinePage } from "#api" */
/** @import { One } from "../lists/one.js" */
/** @import { Failures } from "./failures.js" */

const KEPT = "getthrough.failures";
const PAGE_SIZE = 50;
const OFTEN = 60_000;
const SOMETIMES = 180_000;

/** The newest webhooks in quarantine, and the dead letters; null before the first answer. */
export const quarantine = signal(/** @type {QuarantinePage | null} */ (null));
export const deadLetters = signal(/** @type {DeadLetters | null} */ (null));
/** How many messages were not delivered, of today and of yesterday; null before the first answer. */
export const failures = signal(/** @type {Failures | null} */ (null));
/** How many of them were seen in this tab. */
const seen = signal(/** @type {Failures} */ (JSON.parse(sessionStorage.getItem(KEPT) ?? "{}")));
export const problemCount = computed(
  () =>
    unseen(failures.value ?? {}, seen.value) +
    (quarantine.value?.webhooks.length ?? 0) +
    (deadLetters.value?.queues ?? []).reduce((sum, { messages }) => sum + messages, 0),
);

/** Someone looks at what was not delivered: it counts no longer. */
export function markFailuresSeen() {
  if (!failures.value) return;
  seen.value = failures.value;
  sessionStorage.setItem(KEPT, JSON.stringify(seen.value));
}

/** Reads the quarantine and the dead letters at once. */
export const lookForProblems = keepReading({
  scope: "admin",
  open: (api) => () =>
    Promise.all([api.get("/v1/quarantine", { query: { limit: PAGE_SIZE } }), api.get("/v1/dead-letters", {})]),
  take([held, dead]) {
    quarantine.value = held.body;
    deadLetters.value = dead.body;
    return false;
  },
  forget() {
    quarantine.value = null;
    deadLetters.value = null;
  },
  wait: OFTEN,
});

/** Reads at once how many messages were not delivered. */
export const lookForFailures = keepReading({
  scope: "read",
  open(api) {
    /** @type {Map<string, One<Day>>} */
    let known = new Map();
    return async () => {
      known = new Map(
        [today(), after(today(), -1)].map((date) => [date, known.get(date) ?? openOne(readDay(api, date))]),
      );
      const days = [...known.values()];
      for (const day of days) await day.refresh();
      return failuresOf(days.flatMap((day) => day.value() ?? []));
    };
  },
  take(found) {
    failures.value = found;
    return false;
  },
  forget() {
    failures.value = null;
  },
  wait: SOMETIMES,
});
