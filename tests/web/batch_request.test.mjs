import assert from "node:assert/strict";
import { test } from "node:test";

import {
  batchOf,
  EMPTY,
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
  assert.equal(planWords(body), "SMS, then WhatsApp to 2 recipients, all sent in about 1 s.");
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
  assert.equal(priceWords(day, 10), "About EUR 0.50, by what a message has cost on average (2026-03-02).");
  assert.equal(priceWords(null, 10), "");
  assert.equal(priceWords({ ...day, cost: [...day.cost, { currency: "USD", price: "1" }] }, 10), "");
});

test("lines that repeat an earlier one are removed, however their number is written", () => {
  assert.equal(
    withoutDuplicates("447700900001, Ann\n+44 7700 900001, Ann\n\n447700900002\n"),
    "447700900001, Ann\n\n447700900002\n",
  );
  assert.equal(withoutDuplicates("447700900001, Ann\n447700900001, Ben\n"), null);
});
