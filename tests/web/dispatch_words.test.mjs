import assert from "node:assert/strict";
import { test } from "node:test";

import {
  headline,
  headReason,
  remarks,
  stepBadge,
  whyNot,
} from "../../functions/getthrough/web/dispatch/dispatch_words.js";
import { eventWords } from "../../functions/getthrough/web/dispatch/event_words.js";
import { dispatchOf, entry, UNSENT } from "./samples.mjs";

/** @import { Dispatch, Step, TimelineEntry } from "#api" */

/** @type {Step} */
const STEP = { ...UNSENT, claimed_at: "2026-03-02T12:00:00Z", answer: "accepted", tries: 1 };
const REFUSED = {
  type: "https://developer.vonage.com/api-errors/messages#1120",
  title: "Illegal Sender",
  detail: "Not yours.",
  invalid_parameters: [{ name: "from", reason: "is not yours" }],
};

/** @param {Step} step @param {Partial<Dispatch>} values */
function dispatch(step, values) {
  return dispatchOf([step], [], { outcome: "exhausted", ...values });
}

/** A status with an error. @param {object} error */
function failure(error) {
  return { timeline: [entry({ step: 0, event: "status", error })] };
}

/** @type {[name: string, step: Partial<Step>, dispatch: Partial<Dispatch>, reason: string][]} */
const REASONS = [
  ["in time", { status: "delivered", condition_met: true }, { outcome: "succeeded" }, ""],
  [
    "late",
    { status: "delivered", condition_met: true, late: true },
    {},
    "It was delivered after its window of 15 s. Vonage reported it late.",
  ],
  ["no report", {}, {}, "Vonage accepted it, but no report came within 15 s."],
  [
    "only passed to the carrier",
    { status: "submitted" },
    {},
    "The carrier received it, but did not report it delivered within 15 s. The phone may be off.",
  ],
  ["not read", { status: "delivered", condition_status: "read" }, {}, "It was delivered, but not read within 15 s."],
  ["not answered", { status: "read", condition_status: "replied" }, {}, "It was read, but not answered within 15 s."],
  ["still in progress", { status: "submitted" }, { outcome: null }, ""],
  ["rejected without a reason", { status: "rejected" }, {}, "Vonage reported it rejected and gave no reason."],
  [
    "rejected",
    { status: "rejected" },
    failure({ code: 1060, title: "Partner account barred", meaning: "account", detail: "Partner account barred" }),
    "1060 Partner account barred. The Vonage account is suspended or has reached a limit. Check the account.",
  ],
  [
    "rejected with an unknown code",
    { status: "undeliverable" },
    failure({ code: 9999, title: null, meaning: null, detail: "Who knows." }),
    "9999 Who knows.",
  ],
  [
    "time to live ended on the way",
    { status: "rejected" },
    failure({ code: 1360, title: "TTL was activated", meaning: "try_next", detail: "The ttl ran out" }),
    "1360 The ttl ran out. The phone may have been off. The same number may work later.",
  ],
  ["refused", { answer: "refused", problem: REFUSED }, {}, "1120 Illegal Sender: Not yours. “from” is not yours"],
  ["opted out", { answer: "opted_out" }, { outcome: "stopped" }, "The customer has opted out."],
  [
    "outside of the service window",
    { answer: "service_window_closed" },
    {},
    "The customer has not written in the last 24 hours, and it is no template, so it was skipped.",
  ],
  [
    "on a channel that is down",
    { answer: "channel_down" },
    {},
    "Nearly all messages on this channel to this country failed, so it was skipped.",
  ],
  ["in quiet hours", { answer: "quiet" }, {}, "It was due in quiet hours, so it was skipped."],
  [
    "not accepted yet",
    { answer: "unavailable", tries: 3 },
    { outcome: null },
    "Vonage could not be reached. Try 3 failed. Getthrough tries again.",
  ],
  ["never accepted", { answer: "unavailable", tries: 3 }, {}, "Vonage could not be reached. 3 tries in 15 s."],
  ["unknown", { answer: "unknown" }, {}, "Vonage’s response was lost, and no report came within 15 s."],
  [
    "not needed",
    { claimed_at: null, step: 1 },
    { outcome: "succeeded", succeeded_by: 0 },
    "Not needed: step 1 succeeded.",
  ],
  ["not yet sent", { claimed_at: null, step: 1 }, { outcome: null }, "Sent only if step 1 does not succeed."],
  ["the first, not yet sent", { claimed_at: null }, { outcome: null }, ""],
];

for (const [name, step, values, reason] of REASONS) {
  test(`why a step was not delivered: ${name}`, () => {
    const whole = { ...STEP, ...step };
    assert.equal(whyNot(whole, dispatch(whole, values), false), reason);
  });
}

test("an overdue step that waits only for quiet hours says why it was not delivered", () => {
  /** @type {Step} */
  const step = { ...STEP, status: "submitted" };
  assert.match(whyNot(step, dispatch(step, { outcome: null }), true), /did not report it delivered within 15 s/);
});

test("a waiting dispatch says what it waits for", () => {
  /** @type {Step} */
  const out = { ...STEP, status: "submitted" };
  const unsent = { ...STEP, step: 1, channel: "whatsapp", claimed_at: null };

  assert.equal(
    headline({ ...dispatch(out, { outcome: null, held_until: "2026-03-03T08:00:00Z" }), steps: [out, unsent] }),
    "WhatsApp to 447700900001 waits until quiet hours end",
  );
  assert.equal(
    headline(dispatch({ ...unsent, step: 0 }, { outcome: null, send_at: "2026-03-03T08:00:00Z" })),
    "WhatsApp to 447700900001 will be sent later",
  );
  assert.equal(
    headline(dispatch(out, { outcome: null, send_at: "2026-03-02T08:00:00Z" })),
    "SMS to 447700900001 is on its way",
  );
});

test("a step that was stopped within its time is not called too late", () => {
  const badge = (/** @type {TimelineEntry[]} */ timeline) =>
    stepBadge(STEP, dispatch(STEP, { outcome: "cancelled", timeline }), false);
  assert.deepEqual(badge([]), { text: "Stopped before it was delivered", tone: "idle" });
  assert.deepEqual(badge([entry({ event: "window_ended", step: 0 })]), { text: "Not delivered in time", tone: "bad" });
});

test("a success that the client reported is shown as such", () => {
  const known = dispatch(STEP, { outcome: "succeeded", succeeded_by: null });
  const acted = entry({ event: "client_success", reason: "paid" });
  assert.equal(headline(known), "You reported that the customer has acted");
  assert.deepEqual(eventWords(acted, known), { text: "You reported that the customer has acted: paid.", tone: "good" });
  assert.equal(
    eventWords(entry({ event: "finished", outcome: "succeeded" }), known).text,
    "Finished: the customer has acted.",
  );
});

test("a message that was read after its dispatch had ended had not been read by then", () => {
  const reported = (/** @type {string} */ status) => entry({ event: "status", step: 0, status });
  const finished = entry({ event: "finished", step: 0, outcome: "succeeded" });
  /** @param {TimelineEntry[]} timeline @param {Step["condition_status"]} condition */
  const words = (timeline, condition = "delivered") => {
    const step = { ...STEP, status: /** @type {const} */ ("read"), condition_status: condition };
    return eventWords(finished, dispatchOf([step], timeline, { outcome: "succeeded", succeeded_by: 0 })).text;
  };
  const late = [reported("delivered"), finished, reported("read")];
  assert.equal(words(late), "Finished: step 1 was delivered.");
  assert.equal(words(late, "replied"), "Finished: step 1 was answered.");
  assert.equal(words([reported("read"), finished]), "Finished: step 1 was read.");
});

test("a step that meets a limit waits, or is not sent", () => {
  const limited = { step: 0, event: "limited", at: "2026-03-02T12:00:00Z", limit: "messages_per_day", most: "500" };
  const words = (/** @type {string | null} */ until) => eventWords(entry({ ...limited, until }), dispatch(STEP, {}));

  assert.deepEqual(words("2026-03-02T12:42:00Z"), {
    text: "Waits for 42 min: the limit is 500 (messages per day).",
    tone: "wait",
  });
  assert.deepEqual(words(null).tone, "bad");
});

test("the reason of a failure stands in the headline, and no hope where nothing was handed on", () => {
  const rejected = {
    ...UNSENT,
    claimed_at: "2026-03-02T12:00:00.000Z",
    answer: /** @type {const} */ ("accepted"),
    status: /** @type {const} */ ("rejected"),
  };
  const exhausted = /** @type {const} */ ({ outcome: "exhausted" });
  assert.equal(headReason(dispatchOf([rejected], [], exhausted)), "Vonage reported it rejected and gave no reason.");
  assert.equal(headReason(dispatchOf([rejected], [])), "");
  const busy = { ...rejected, answer: /** @type {const} */ ("unavailable"), status: null };
  const unsent = { ...rejected, answer: /** @type {const} */ ("quiet"), status: null };
  for (const step of [rejected, busy, unsent]) assert.equal(remarks(dispatchOf([step], [], exhausted)), "");
  const lost = { ...busy, answer: /** @type {const} */ ("unknown") };
  assert.equal(remarks(dispatchOf([lost], [], exhausted)), "If a message still arrives, it is shown here.");
});

test("a step that Vonage refuses each time is named although another one was delivered", () => {
  const refused = { ...UNSENT, claimed_at: "2026-03-02T12:00:00.000Z", answer: /** @type {const} */ ("refused") };
  assert.equal(
    remarks(
      dispatchOf([refused, { ...UNSENT, step: 1, condition_met: true }], [], { outcome: "succeeded", succeeded_by: 1 }),
    ),
    "Step 1 can’t work as it is: correct it before you send it again.",
  );
});
