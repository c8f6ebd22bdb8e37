import assert from "node:assert/strict";
import { test } from "node:test";

import { batchOf, EMPTY } from "../../functions/getthrough/web/batches/batch_request.js";
import { requestOf } from "../../functions/getthrough/web/compose/request.js";
import {
  draftOfPlan,
  planOfDraft,
  senderOf,
  stepsWords,
  withPlan,
  withSender,
} from "../../functions/getthrough/web/settings/saved.js";
import { contact, draft } from "./drafts.mjs";

/** @import { Plan } from "#api" */

const SENDERS = [
  { channel: "sms", from: "Bakery" },
  { channel: "sms", from: "Shop" },
  { channel: "email", from: "shop@example.com" },
];

/** @type {Plan} */
const PLAN = {
  name: "All ways",
  steps: [
    { channel: "sms", from: "Bakery", expiry_time: 120, condition_status: "delivered" },
    { channel: "whatsapp", expiry_time: 90 },
    { channel: "email" },
  ],
};

test("the first sender of a channel is the usual one, and one is kept once", () => {
  assert.deepEqual(
    ["sms", "email", "rcs"].map((channel) => senderOf(SENDERS, channel)),
    ["Bakery", "shop@example.com", ""],
  );
  const rcs = { channel: "rcs", from: "Bakery" };
  assert.deepEqual(withSender(withSender(SENDERS, rcs), rcs), [...SENDERS, rcs]);
});

test("a plan is what a draft does without its text and its customer, and the last message has no window", () => {
  const typed = draft(
    { text: "Ready" },
    contact({ to: "447700900001", from: " Bakery ", expiry_time: "2", unit: "60" }),
    contact({
      channel: "whatsapp",
      to: "447700900001",
      from: "",
      expiry_time: "90",
      unit: "1",
      condition_status: "read",
    }),
    contact({ channel: "email", to: "ann@example.com", from: "shop@example.com", expiry_time: "600", unit: "1" }),
  );

  assert.deepEqual(planOfDraft(typed, " All ways "), {
    name: "All ways",
    steps: [
      { channel: "sms", from: "Bakery", expiry_time: 120, condition_status: "delivered" },
      { channel: "whatsapp", expiry_time: 90, condition_status: "read" },
      { channel: "email", from: "shop@example.com" },
    ],
  });
});

test("a plan fills the form: the number stays for all that take numbers, and senders are the plan's or the usual ones", () => {
  const filled = draftOfPlan(draft({ text: "Ready" }, contact({ channel: "rcs", to: "447700900001" })), PLAN, SENDERS);

  assert.equal(filled.values.text, "Ready");
  assert.deepEqual(filled.contacts, [
    { channel: "sms", to: "447700900001", from: "Bakery", condition_status: "delivered", expiry_time: "2", unit: "60" },
    { channel: "whatsapp", to: "447700900001", from: "", expiry_time: "90", unit: "1" },
    { channel: "email", to: "", from: "shop@example.com" },
  ]);
});

test("an address stays in its place if its channel does", () => {
  const typed = draft({}, contact({ to: "447700900001" }), contact({ channel: "whatsapp", to: "447700900002" }));
  assert.deepEqual(
    draftOfPlan(typed, PLAN, []).contacts.map(({ to }) => to),
    ["447700900001", "447700900002", ""],
  );
});

test("what was typed for a contact stays if its channel does", () => {
  const own = { to: "447700900001", text: "Only here", message_type: "text", client_ref: "a" };
  const [same, other] = draftOfPlan(draft({}, contact(own), contact({ ...own, channel: "rcs" })), PLAN, []).contacts;
  assert.equal(same?.text, "Only here");
  assert.equal(same?.from, "Bakery");
  assert.equal(other?.text, undefined);
});

test("a plan with the same name takes the place of the earlier one, and is put in words", () => {
  const other = { ...PLAN, steps: PLAN.steps.slice(0, 1) };
  assert.deepEqual(withPlan([{ ...PLAN, name: "One" }, PLAN], other), [{ ...PLAN, name: "One" }, other]);
  assert.equal(
    stepsWords(PLAN, (seconds) => `${seconds} s`),
    "SMS, after 120 s WhatsApp, after 90 s Email",
  );
  const none = /** @type {Plan} */ ({ name: "", steps: [{ channel: "sms" }, { channel: "rcs" }] });
  assert.equal(stepsWords(none, String), "SMS, then RCS");
});

test("with a usual country numbers need no country code, in one message and in a list", () => {
  const one = requestOf(draft({ text: "Ready" }, contact({ to: "07700 900001", from: "Bakery" })), "UTC", "GB");
  assert.deepEqual(one.body, {
    channel: "sms",
    message_type: "text",
    to: "07700 900001",
    from: "Bakery",
    text: "Ready",
    default_country: "GB",
  });
  const list = { ...EMPTY, text: "Ready", from: "Bakery", list: "07700 900001\n07700-900001" };
  const { body, problems } = batchOf(list, "UTC", { default_country: "GB", calling_code: "44", national_prefix: "0" });
  assert.equal(body.default_country, "GB");
  assert.deepEqual(problems, ["Line 2 is the same as line 1: remove the duplicate."]);
  assert.equal(batchOf(list, "UTC").problems.length, 2);
});
