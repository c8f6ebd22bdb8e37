import assert from "node:assert/strict";
import { test } from "node:test";

import { dayOf, filterOf, sourcesOf, wordsOf } from "../../functions/getthrough/web/dispatches/filter.js";
import { isPlanned, rowBadge, rowReason, rowTime } from "../../functions/getthrough/web/dispatches/row_words.js";
import { bounds } from "../../functions/getthrough/web/time/days.js";
import { first, summary } from "./samples.mjs";

/** @import { DispatchSummary } from "#api" */

const NOTHING = filterOf(new URLSearchParams());
const ALL = /** @type {const} */ ({ kind: "all" });

/** @param {object} changed */
function only(changed) {
  const { only: test_ = () => true, query } = first(sourcesOf(ALL, { ...NOTHING, ...changed }));
  return { query, passes: (/** @type {Partial<DispatchSummary>} */ values) => test_(summary(values)) };
}

test("what a URL says wrongly narrows nothing", () => {
  assert.deepEqual(filterOf(new URLSearchParams("outcome=odd&from=yesterday&only=constructor&as=x&other=1")), NOTHING);
});

test("days and outcomes are the API's own filters", () => {
  const days = { from: "2026-03-01", to: "2026-03-02" };
  const { query } = only({ ...days, outcome: "exhausted" });
  assert.deepEqual(query, { outcome: "exhausted", since: bounds(days.from).since, before: bounds(days.to).before });
});

test("late, fallback, client, planned and in progress are looked for in what the API lists", () => {
  assert.ok(only({ only: "late" }).passes({ late: true }) && !only({ only: "late" }).passes({}));
  assert.ok(only({ only: "fallback" }).passes({ steps_sent: 2 }) && !only({ only: "fallback" }).passes({}));
  assert.ok(only({ client: "shop" }).passes({ client_name: "shop" }) && !only({ client: "shop" }).passes({}));
  const { query, passes } = only({ outcome: "planned" });
  assert.deepEqual(query, { outcome: "open" });
  const due = "2026-03-02T12:00:00.000Z";
  assert.ok(
    passes({ outcome: null, due_at: due, steps_sent: 0 }) && !passes({ outcome: null, due_at: due, steps_sent: 1 }),
  );
  const { passes: inProgress } = only({ outcome: "open" });
  assert.ok(!inProgress({ outcome: null, due_at: due, steps_sent: 0 }) && inProgress({ outcome: null, due_at: null }));
});

test("a part of a reference is enough, in any letters", () => {
  const { only: passes = () => false } = first(sourcesOf({ kind: "reference", reference: "ORDER 7" }, NOTHING));
  assert.ok(passes(summary({ client_ref: "my order 71" })) && !passes(summary({ client_ref: null })));
});

test("the heading says what the list is narrowed to", () => {
  const filter = {
    ...NOTHING,
    outcome: "exhausted",
    only: "late",
    client: "shop",
    from: "2020-03-01",
    to: "2020-03-02",
  };
  assert.equal(
    wordsOf(ALL, filter),
    "Not delivered: messages that were delivered late sent by shop since 1 Mar until 2 Mar, newest first",
  );
  assert.equal(dayOf({ ...NOTHING, from: "2020-03-01", to: "2020-03-01" }), "2020-03-01");
});

test("what waits for its time is planned, and its time is when it will be sent", () => {
  const waiting = summary({
    outcome: null,
    due_at: "2026-03-03T09:00:00.000Z",
    created_at: "2026-03-02T12:00:00.000Z",
    steps_sent: 0,
  });
  assert.ok(isPlanned(waiting));
  assert.deepEqual([rowBadge(waiting).text, rowTime(waiting)], ["Planned", "2026-03-03T09:00:00.000Z"]);
  assert.deepEqual([rowBadge(summary({})).text, rowTime(summary({ created_at: "x" }))], ["Delivered", "x"]);
});

/** @type {[Partial<DispatchSummary>, string][]} */
const REASONS = [
  [{ outcome: "exhausted", status: "rejected" }, "Rejected by the carrier"],
  [{ outcome: "exhausted", status: "undeliverable" }, "Could not be delivered"],
  [{ outcome: "exhausted", status: "submitted", answer: "accepted" }, "Not delivered in time"],
  [{ outcome: "exhausted", answer: "refused" }, "Refused by Vonage"],
  [{ outcome: "exhausted", answer: "quiet" }, "Skipped: quiet hours"],
  [{ outcome: null, answer: "unavailable" }, "Vonage does not accept it yet; trying again"],
  [{ outcome: "succeeded", status: "delivered" }, ""],
];

for (const [values, words] of REASONS) {
  test(`the reason of ${JSON.stringify(values)}`, () => assert.equal(rowReason(summary(values)), words));
}
