import assert from "node:assert/strict";
import { test } from "node:test";

import { lanesOf, mergedPoints } from "../../functions/getthrough/web/dispatch/lane_facts.js";
import { dispatchOf, entry, first, UNSENT } from "./samples.mjs";

/** @import { Dispatch, Step, TimelineEntry } from "#api" */
/** @import { Lane, Point } from "../../functions/getthrough/web/dispatch/lane_facts.js" */

const NOON = Date.parse("2026-03-02T12:00:00Z");
/** @param {number} seconds */
function at(seconds) {
  return new Date(NOON + seconds * 1000).toISOString();
}

/** @param {number} number @param {Partial<Step>} [values] @returns {Step} */
function step(number, values = {}) {
  return { ...UNSENT, step: number, to: `44770090000${number}`, ...values };
}

/** @param {number} number @param {number} seconds @param {Partial<Step>} [values] */
function sent(number, seconds, values = {}) {
  const window = { claimed_at: at(seconds), window_ends_at: at(seconds + 15) };
  return step(number, { ...window, answer: "accepted", tries: 1, ...values });
}

/** @param {Step[]} steps @param {TimelineEntry[]} timeline @param {Partial<Dispatch>} [values] */
function dispatch(steps, timeline, values = {}) {
  const accepted = entry({ at: at(0), step: null, event: "accepted" });
  return dispatchOf(steps, [accepted, ...timeline], { created_at: at(0), ...values });
}

/** The times of a lane in seconds. @param {Lane} lane */
function times({ due, sent: when, ends, decided, late, heldUntil, running }) {
  const seconds = (/** @type {number | null} */ moment) => (moment === null ? null : (moment - NOON) / 1000);
  return {
    due: seconds(due),
    sent: seconds(when),
    ends: seconds(ends),
    decided: seconds(decided),
    late: seconds(late),
    held: seconds(heldUntil),
    running,
  };
}

const SENT = entry({ at: at(1), step: 0, event: "sent" });
const SUBMITTED = entry({ at: at(2), step: 0, event: "status", status: "submitted" });
const TIME_UP = entry({ at: at(16), step: 0, event: "window_ended" });
const NEXT = entry({ at: at(16.1), step: 1, event: "sent", because: "window_ended" });

test("a sent step runs down to the end of its window, and the next one is not due yet", () => {
  const lanes = lanesOf(dispatch([sent(0, 1, { status: "submitted" }), step(1)], [SENT, SUBMITTED]), NOON + 5_000);

  assert.deepEqual(lanes.map(times), [
    { due: 0, sent: 1, ends: 16, decided: null, late: null, held: null, running: true },
    { due: null, sent: null, ends: null, decided: null, late: null, held: null, running: false },
  ]);
  assert.deepEqual(
    first(lanes).points.map(({ name, since }) => [name, since]),
    [
      ["Sent", ""],
      ["Submitted", "+1.0\u00a0s"],
    ],
  );
});

test("a late delivery leaves the lane decided when its time was up, and says when it came", () => {
  const late = entry({ at: at(60), step: 0, event: "status", status: "delivered", late: true });
  const steps = [
    sent(0, 1, { status: "delivered", condition_met: true, late: true }),
    sent(1, 16.1, { status: "submitted" }),
  ];
  const lanes = lanesOf(
    dispatch(steps, [SENT, SUBMITTED, TIME_UP, NEXT, late], { outcome: "succeeded", succeeded_by: 0 }),
    NOON + 70_000,
  );

  assert.deepEqual(times(first(lanes)), {
    due: 0,
    sent: 1,
    ends: 16,
    decided: 16,
    late: 60,
    held: null,
    running: false,
  });
  assert.equal(first(lanes).why, "It was delivered after its window of 15 s. Vonage reported it late.");
  assert.equal(lanes[1]?.due, first(lanes).decided);
});

test("quiet hours: the window is over although nothing was done yet, and the next step waits", () => {
  const lanes = lanesOf(
    dispatch([sent(0, 1, { status: "submitted" }), step(1)], [SENT, SUBMITTED], { held_until: at(36_000) }),
    NOON + 300_000,
  );

  assert.deepEqual(lanes.map(times), [
    { due: 0, sent: 1, ends: 16, decided: 16, late: null, held: null, running: false },
    { due: 16, sent: null, ends: null, decided: null, late: null, held: 36_000, running: false },
  ]);
  assert.equal(first(lanes).badge.text, "Not delivered in time");
});

test("quiet hours do not end the window of a sent step", () => {
  const held = dispatch([sent(0, 1, { answer: "unavailable" }), step(1)], [SENT], { held_until: at(36_000) });
  const lane = first(lanesOf(held, NOON + 5_000));

  assert.deepEqual([lane.running, lane.heldUntil, lane.decided], [true, null, null]);
});

test("a scheduled dispatch waits for its time, or for the end of quiet hours, whichever is later", () => {
  const scheduled = (/** @type {Partial<Dispatch>} */ values) =>
    lanesOf(dispatch([step(0), step(1)], [], { send_at: at(3_600), ...values }), NOON).map(
      ({ heldUntil }) => heldUntil && (heldUntil - NOON) / 1000,
    );

  assert.deepEqual(scheduled({}), [3_600, null]);
  assert.deepEqual(scheduled({ held_until: at(7_200) }), [7_200, null]);
});

test("a rejection decides at once, and its code, detail and meaning say why", () => {
  const error = { code: 1280, title: "Number Blocked by Carrier", meaning: "try_next", detail: "Blocked." };
  const rejected = entry({ at: at(3), step: 0, event: "status", status: "rejected", error });
  const over = dispatch(
    [sent(0, 1, { status: "rejected" })],
    [SENT, rejected, entry({ at: at(3), event: "finished", outcome: "exhausted" })],
    { outcome: "exhausted" },
  );
  const lane = first(lanesOf(over, NOON + 9_000));

  assert.equal(times(lane).decided, 3);
  assert.equal(lane.why, "1280 Blocked. This number can’t be reached on this channel. Another one may work.");
});

test("a cancelled dispatch ends the open lane and says so of the others", () => {
  const over = entry({ at: at(8), event: "finished", outcome: "cancelled" });
  const lanes = lanesOf(
    dispatch([sent(0, 1, { status: "submitted" }), step(1)], [SENT, SUBMITTED, over], { outcome: "cancelled" }),
    NOON + 9_000,
  );

  assert.deepEqual(
    lanes.map(times).map(({ decided, running }) => [decided, running]),
    [
      [8, false],
      [null, false],
    ],
  );
  assert.deepEqual(
    lanes.map(({ why }) => why),
    ["", "Cancelled before it was sent."],
  );
});

test("if room is short, the first, the last and the weighty points stay, and the others are merged into the next one", () => {
  const weights = [1, 0, 2, 5, 0, 2];
  const points = weights.map((weight, number) => /** @type {Point} */ ({ key: String(number), weight }));
  const merged = (/** @type {number} */ lightest) =>
    mergedPoints(points, lightest).map(({ point, merged: others }) =>
      [point.key, ...others.map(({ key }) => key)].join(" "),
    );

  assert.deepEqual(merged(0), ["0", "1", "2", "3", "4", "5"]);
  assert.deepEqual(merged(1), ["0", "2 1", "3", "5 4"]);
  assert.deepEqual(merged(4), ["0", "3 1 2", "5 4"]);
});
