import assert from "node:assert/strict";
import { test } from "node:test";

import {
  batchOf,
  EMPTY,
  missingParts,
  planWords,
  priceWords,
  segmentsInAll,
  withoutDuplicates,
} from "../../functions/getthrough/web/batches/batch_request.js";

const DRAFT = { ...EMPTY, text: "Hello {{ name }}", from: " BAKERY ", list: "447700900001, Ann\n447700900002, Ben" };

test("the form is a request, and what is empty is left out", () => {
  const { body, problems } = batchOf(
    { ...DRAFT, again: true, minutes: "5", sendAt: "2027-01-01T09:00" },
    "Europe/London",
  );
  const text = { message_type: "text", text: "Hello {{ name }}" };
  assert.deepEqual(problems, []);
  assert.deepEqual(JSON.parse(JSON.stringify(body)), {
    message: {
      ...text,
      channel: "sms",
      from: "BAKERY",
      expiry_time: 300,
      failover: [{ ...text, channel: "whatsapp" }],
    },
    recipients: [
      { to: "447700900001", variables: { name: "Ann" } },
      { to: "447700900002", variables: { name: "Ben" } },
    ],
    rate: 10,
    send_at: "2027-01-01T09:00",
    time_zone: "Europe/London",
  });
  assert.equal(
    planWords(body),
    "SMS to 2 recipients, all sent in about 1 s. WhatsApp to each who has not got it within 5 min.",
  );
});

test("a message without a text or a sender says what it lacks", () => {
  assert.deepEqual(missingParts(batchOf({ ...DRAFT, again: true, from: " ", from2: "" }, "UTC").body.message), [
    "SMS has no sender.",
    "WhatsApp has no sender.",
  ]);
  assert.deepEqual(missingParts(batchOf({ ...DRAFT, text: "" }, "UTC").body.message), ["There is no message."]);
  assert.deepEqual(missingParts(batchOf(DRAFT, "UTC").body.message), []);
});

test("segments are those of each recipient's own text", () => {
  const long = batchOf(
    { ...DRAFT, text: `${"x".repeat(155)}{{ name }}`, list: "447700900001, Al\n447700900002, Christopher" },
    "UTC",
  );
  assert.equal(segmentsInAll(long.body), 3);
  assert.equal(segmentsInAll(batchOf({ ...DRAFT, channel: "whatsapp" }, "UTC").body), null);
});

test("a price is what messages have cost, and silent without one", () => {
  const day = /** @type {any} */ ({ date: "2026-03-02", messages_sent: 4, cost: [{ currency: "EUR", price: "0.20" }] });
  assert.equal(priceWords(day, 10), "About EUR 0.50, by what a message cost on average today.");
  assert.equal(priceWords(null, 10), "");
  assert.equal(priceWords({ ...day, cost: [...day.cost, { currency: "USD", price: "1" }] }, 10), "");
});

test("lines that repeat an earlier one are removed, however their number is written", () => {
  assert.equal(
    withoutDuplicates("447700900001, Ann\n+44 7700 900001, Ann\n\n447700900002\n"),
    "447700900001, Ann\n\n447700900002\n",
  );
  assert.equal(withoutDuplicates("447700900001, Ann\n447700900001, Ben\n"), null);
  const usual = { default_country: "GB", calling_code: "44", national_prefix: "0" };
  assert.equal(withoutDuplicates("447700900001, Ann\n07700 900001, Ann", usual), "447700900001, Ann");
});
