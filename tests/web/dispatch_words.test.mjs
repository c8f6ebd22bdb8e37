import assert from "node:assert/strict";
import { test } from "node:test";

import { headline, stepBadge, whyNot } from "../../functions/getthrough/web/dispatch/dispatch_words.js";

const STEP = {
  step: 0,
  channel: "sms",
  to: "447700900001",
  expiry_time: 15,
  condition_status: "delivered",
  claimed_at: "2026-03-02T12:00:00Z",
  answer: "accepted",
  status: null,
  tries: 1,
  condition_met: false,
  late: false,
  problem: null,
};
const REFUSED = {
  type: "https://developer.vonage.com/api-errors/messages#1120",
  title: "Illegal Sender",
  detail: "Not yours.",
  invalid_parameters: [{ name: "from", reason: "is not yours" }],
};

function dispatch(step, values) {
  return {
    outcome: "exhausted",
    succeeded_by: null,
    send_at: null,
    held_until: null,
    steps: [step],
    timeline: [],
    ...values,
  };
}

/** @type {[string, object, object, string][]} */
const REASONS = [
  ["in time", { status: "delivered", condition_met: true }, { outcome: "succeeded" }, ""],
  [
    "late",
    { status: "delivered", condition_met: true, late: true },
    {},
    "It was delivered after its 15 s were over: Vonage reported it late.",
  ],
  ["no report", {}, {}, "Vonage took it, but no report came within 15 s."],
  [
    "only handed on",
    { status: "submitted" },
    {},
    "The mobile network had it, but did not report it delivered within 15 s: the phone may be off.",
  ],
  ["not read", { status: "delivered", condition_status: "read" }, {}, "It was delivered, but not read within 15 s."],
  ["not answered", { status: "read", condition_status: "replied" }, {}, "It was read, but not answered within 15 s."],
  ["still under way", { status: "submitted" }, { outcome: null }, ""],
  ["rejected without a reason", { status: "rejected" }, {}, "Vonage reported it rejected and gave no reason."],
  [
    "rejected",
    { status: "rejected" },
    {
      timeline: [
        {
          step: 0,
          event: "status",
          error: { code: 1060, title: "Partner account barred", meaning: "account", detail: "Partner account barred" },
        },
      ],
    },
    "1060 Partner account barred. The Vonage account is stopped or has reached a limit: somebody has to see to it.",
  ],
  [
    "rejected with an unknown code",
    { status: "undeliverable" },
    {
      timeline: [{ step: 0, event: "status", error: { code: 9999, title: null, meaning: null, detail: "Who knows." } }],
    },
    "9999 Who knows.",
  ],
  [
    "expired on the way",
    { status: "rejected" },
    {
      timeline: [
        {
          step: 0,
          event: "status",
          error: { code: 1360, title: "TTL was activated", meaning: "try_next", detail: "The ttl ran out" },
        },
      ],
    },
    "1360 The ttl ran out. The phone may have been off: the same number may be reached later.",
  ],
  ["refused", { answer: "refused", problem: REFUSED }, {}, "1120 Illegal Sender: Not yours. “from” is not yours"],
  ["opted out", { answer: "opted_out" }, { outcome: "stopped" }, "The customer has opted out."],
  ["in quiet hours", { answer: "quiet" }, {}, "Its turn came in quiet hours, in which it was not to be sent."],
  [
    "not taken yet",
    { answer: "unavailable", tries: 3 },
    { outcome: null },
    "Vonage could not be reached. Try 3 failed; it is tried again.",
  ],
  ["never taken", { answer: "unavailable", tries: 3 }, {}, "Vonage could not be reached. 3 tries in 15 s."],
  ["unknown", { answer: "unknown" }, {}, "Nobody knows whether Vonage took it: no report came within 15 s."],
  [
    "not needed",
    { claimed_at: null, step: 1 },
    { outcome: "succeeded", succeeded_by: 0 },
    "Not needed: step 1 got through.",
  ],
  ["not yet sent", { claimed_at: null, step: 1 }, { outcome: null }, "Only if step 1 does not get through."],
  ["the first, not yet sent", { claimed_at: null }, { outcome: null }, ""],
];

for (const [name, step, values, reason] of REASONS) {
  test(`why a step did not arrive: ${name}`, () => {
    const whole = { ...STEP, ...step };
    assert.equal(whyNot(whole, dispatch(whole, values), false), reason);
  });
}

test("an overdue step that waits for nothing but quiet hours says why it did not arrive", () => {
  const step = { ...STEP, status: "submitted" };
  assert.match(whyNot(step, dispatch(step, { outcome: null }), true), /did not report it delivered within 15 s/);
});

test("what waits is told as waiting", () => {
  const [out, unsent] = [
    { ...STEP, status: "submitted" },
    { ...STEP, step: 1, channel: "whatsapp", claimed_at: null },
  ];

  assert.equal(
    headline({ ...dispatch(out, { outcome: null, held_until: "2026-03-03T08:00:00Z" }), steps: [out, unsent] }),
    "WhatsApp to 447700900001 waits for the end of quiet hours",
  );
  assert.equal(
    headline(dispatch({ ...unsent, step: 0 }, { outcome: null, send_at: "2026-03-03T08:00:00Z" })),
    "WhatsApp to 447700900001 is to be sent later",
  );
  assert.equal(
    headline(dispatch(out, { outcome: null, send_at: "2026-03-02T08:00:00Z" })),
    "SMS to 447700900001 is on its way",
  );
});

test("a step that was stopped within its time is not called too late", () => {
  const badge = (timeline) => stepBadge(STEP, dispatch(STEP, { outcome: "cancelled", timeline }), false);
  assert.deepEqual(badge([]), { text: "Stopped before it was delivered", tone: "idle" });
  assert.deepEqual(badge([{ event: "window_ended", step: 0 }]), { text: "Not delivered in time", tone: "bad" });
});
