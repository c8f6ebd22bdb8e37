import assert from "node:assert/strict";
import { test } from "node:test";

import { answerTo, isAnswer } from "../../functions/getthrough/web/conversations/answers.js";

/** @import { DispatchSummary } from "#api" */

const LINE = { channel: "sms", address: "1", received_at: "2026-03-02T12:00", message_type: "text", text: "At five?" };

/** @param {string} at @param {Partial<DispatchSummary>} [values] @returns {DispatchSummary} */
function dispatch(at, values = {}) {
  return {
    dispatch_uuid: at,
    created_at: at,
    client_name: "bakery",
    client_ref: null,
    batch_uuid: null,
    outcome: "succeeded",
    late: false,
    to: [{ channel: "sms", address: "1" }],
    steps_total: 1,
    steps_sent: 1,
    status: "delivered",
    canary: false,
    test: false,
    text: "Yes!",
    answer: "accepted",
    due_at: null,
    ...values,
  };
}

test("the answer to a customer is the newest message that was sent to them after theirs, on any channel", () => {
  const [newest, other, first, before] = [
    dispatch("2026-03-02T12:03", { to: [{ channel: "whatsapp", address: "1" }] }),
    dispatch("2026-03-02T12:02", { to: [{ channel: "sms", address: "2" }] }),
    dispatch("2026-03-02T12:01"),
    dispatch("2026-03-02T11:59"),
  ];
  assert.equal(answerTo(LINE, [newest, other, first, before]), newest);
  assert.equal(answerTo(LINE, [other, first, before]), first);
  assert.equal(answerTo(LINE, [other, before]), undefined);
});

test("a fallback that was not used reached no one", () => {
  const to = ["2", "1"].map((address) => ({ channel: "sms", address }));
  assert.equal(answerTo(LINE, [dispatch("2026-03-02T12:01", { to, steps_total: 2 })]), undefined);
});

test("what failed, was not sent yet, or went to many answers no customer", () => {
  assert.equal(isAnswer(dispatch("1")), true);
  assert.equal(isAnswer(dispatch("1", { outcome: null, status: "submitted" })), true);
  for (const values of [{ steps_sent: 0 }, { batch_uuid: "1" }, { canary: true }])
    assert.equal(isAnswer(dispatch("1", values)), false);
  for (const outcome of /** @type {const} */ (["exhausted", "cancelled", "stopped"]))
    assert.equal(isAnswer(dispatch("1", { outcome })), false);
});
