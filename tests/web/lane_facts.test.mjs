import assert from "node:assert/strict";
import { test } from "node:test";

import { foldedPoints, lanesOf } from "../../functions/getthrough/web/dispatch/lane_facts.js";

const NOON = Date.parse("2026-03-02T12:00:00Z");
const UNSENT = {
  claimed_at: null,
  window_ends_at: null,
  answer: null,
  status: null,
  tries: 0,
  condition_met: false,
  late: false,
  problem: null,
  sent_because: null,
  usage: null,
};

/** @param {number} seconds */
function at(seconds) {
  return new Date(NOON + seconds * 1000).toISOString();
}

function step(number, values = {}) {
  return {
    step: number,
    channel: "sms",
    to: `44770090000${number}`,
    expiry_time: 15,
    condition_status: "delivered",
    content: {},
    ...UNSENT,
    ...values,
  };
}

function sent(number, seconds, values = {}) {
  return step(number, {
    claimed_at: at(seconds),
    window_ends_at: at(seconds + 15),
    answer: "accepted",
    tries: 1,
    ...values,
  });
}

function dispatch(steps, timeline, values = {}) {
  return {
    created_at: at(0),
    outcome: null,
    succeeded_by: null,
    send_at: null,
    held_until: null,
    steps,
    timeline: [{ at: at(0), step: null, event: "accepted" }, ...timeline],
    ...values,
  };
}

/** What of a lane the picture is drawn from, in seconds. */
function times({ due, sent: when, ends, decided, late, heldUntil, running }) {
  const seconds = (moment) => (moment === null ? null : (moment - NOON) / 1000);
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

const SENT = { at: at(1), step: 0, event: "sent" };
const SUBMITTED = { at: at(2), step: 0, event: "status", status: "submitted" };
const TIME_UP = { at: at(16), step: 0, event: "window_ended" };
const NEXT = { at: at(16.1), step: 1, event: "sent", because: "window_ended" };

test("a step that is out runs down to the end of its window, and the next one has no turn yet", () => {
  const lanes = lanesOf(dispatch([sent(0, 1, { status: "submitted" }), step(1)], [SENT, SUBMITTED]), NOON + 5_000);

  assert.deepEqual(lanes.map(times), [
    { due: 0, sent: 1, ends: 16, decided: null, late: null, held: null, running: true },
    { due: null, sent: null, ends: null, decided: null, late: null, held: null, running: false },
  ]);
  assert.deepEqual(
    lanes[0].points.map(({ name, since }) => [name, since]),
    [
      ["Sent", ""],
      ["Submitted", "+1.0\u00a0s"],
    ],
  );
});

test("a late delivery leaves the lane decided when its time was up, and tells when it came", () => {
  const late = { at: at(60), step: 0, event: "status", status: "delivered", late: true };
  const steps = [
    sent(0, 1, { status: "delivered", condition_met: true, late: true }),
    sent(1, 16.1, { status: "submitted" }),
  ];
  const lanes = lanesOf(
    dispatch(steps, [SENT, SUBMITTED, TIME_UP, NEXT, late], { outcome: "succeeded", succeeded_by: 0 }),
    NOON + 70_000,
  );

  assert.deepEqual(times(lanes[0]), { due: 0, sent: 1, ends: 16, decided: 16, late: 60, held: null, running: false });
  assert.equal(lanes[0].why, "It was delivered after its 15 s were over: Vonage reported it late.");
  assert.equal(lanes[1].due, lanes[0].decided);
});

test("quiet hours: the window is over although nothing was done about it yet, and the next step waits", () => {
  const lanes = lanesOf(
    dispatch([sent(0, 1, { status: "submitted" }), step(1)], [SENT, SUBMITTED], { held_until: at(36_000) }),
    NOON + 300_000,
  );

  assert.deepEqual(lanes.map(times), [
    { due: 0, sent: 1, ends: 16, decided: 16, late: null, held: null, running: false },
    { due: 16, sent: null, ends: null, decided: null, late: null, held: 36_000, running: false },
  ]);
  assert.equal(lanes[0].badge.text, "Not delivered in time");
});

test("quiet hours that a step which is out meets do not end its window", () => {
  const [lane] = lanesOf(
    dispatch([sent(0, 1, { answer: "unavailable" }), step(1)], [SENT], { held_until: at(36_000) }),
    NOON + 5_000,
  );

  assert.deepEqual([lane.running, lane.heldUntil, lane.decided], [true, null, null]);
});

test("a scheduled dispatch waits for its time, or for the end of quiet hours, whichever is later", () => {
  const scheduled = (values) =>
    lanesOf(dispatch([step(0), step(1)], [], { send_at: at(3_600), ...values }), NOON).map(
      ({ heldUntil }) => heldUntil && (heldUntil - NOON) / 1000,
    );

  assert.deepEqual(scheduled({}), [3_600, null]);
  assert.deepEqual(scheduled({ held_until: at(7_200) }), [7_200, null]);
});

test("a rejection decides at once, and its code, detail and meaning say why", () => {
  const error = { code: 1280, title: "Number Blocked by Carrier", meaning: "try_next", detail: "Blocked." };
  const rejected = { at: at(3), step: 0, event: "status", status: "rejected", error };
  const [lane] = lanesOf(
    dispatch(
      [sent(0, 1, { status: "rejected" })],
      [SENT, rejected, { at: at(3), step: null, event: "finished", outcome: "exhausted" }],
      { outcome: "exhausted" },
    ),
    NOON + 9_000,
  );

  assert.equal((lane.decided - NOON) / 1000, 3);
  assert.equal(lane.why, "1280 Blocked. This number will not get it on this channel; another one may.");
});

test("a dispatch that was cancelled ends the lane that was out, and says so of the others", () => {
  const over = { at: at(8), step: null, event: "finished", outcome: "cancelled" };
  const lanes = lanesOf(
    dispatch([sent(0, 1, { status: "submitted" }), step(1)], [SENT, SUBMITTED, over], { outcome: "cancelled" }),
    NOON + 9_000,
  );

  assert.deepEqual(
    lanes.map(({ decided, running }) => [decided && (decided - NOON) / 1000, running]),
    [
      [8, false],
      [null, false],
    ],
  );
  assert.deepEqual(
    lanes.map(({ why }) => why),
    ["", "Cancelled before its turn came."],
  );
});

test("where there is little room, the first and the last point and the weighty ones stay, and the others are folded into what follows", () => {
  const weights = [1, 0, 2, 5, 0, 2];
  const points = weights.map((weight, number) => ({ key: String(number), weight }));
  const folded = (lightest) =>
    foldedPoints(points, lightest).map(({ point, folded: others }) =>
      [point.key, ...others.map(({ key }) => key)].join(" "),
    );

  assert.deepEqual(folded(0), ["0", "1", "2", "3", "4", "5"]);
  assert.deepEqual(folded(1), ["0", "2 1", "3", "5 4"]);
  assert.deepEqual(folded(4), ["0", "3 1 2", "5 4"]);
});
