import assert from "node:assert/strict";
import { test } from "node:test";

import { serviceWindowWords } from "../../functions/getthrough/web/conversations/service_window.js";

const OPEN = [{ channel: "whatsapp", from: "447700900100", closes_at: "2026-03-02T12:00:00.000Z" }];

test("the reply form says until when one may write freely, and what may happen later", () => {
  const words = serviceWindowWords("whatsapp", "447700900100", OPEN);
  assert.match(words, /^You can write freely until \w{3},? \d\d:\d\d\.$/);
  for (const [from, windows] of /** @type {const} */ ([
    ["447700900101", OPEN],
    ["447700900100", []],
  ])) {
    assert.equal(
      serviceWindowWords("whatsapp", from, [...windows]),
      "The customer has not written here in the last 24 hours, so WhatsApp may reject it.",
    );
  }
});

test("other channels have no service window", () => {
  assert.equal(serviceWindowWords("sms", "447700900100", OPEN), "");
});
