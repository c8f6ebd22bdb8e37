import assert from "node:assert/strict";
import { test } from "node:test";

import { newestOfEach, unreadCount } from "../../functions/getthrough/web/conversations/seen.js";

/** @param {string} address @param {string} at */
function line(address, at) {
  return { channel: "sms", address, received_at: at, message_type: "text", text: "Hello" };
}

test("a conversation counts once, as long as its newest message was not seen", () => {
  const lines = [line("1", "2026-03-02T12:03"), line("2", "2026-03-02T12:02"), line("1", "2026-03-02T12:01")];
  assert.deepEqual(newestOfEach(lines), lines.slice(0, 2));
  assert.equal(unreadCount(lines, {}), 2);
  assert.equal(unreadCount(lines, { "sms 1": "2026-03-02T12:03" }), 1);
  assert.equal(unreadCount(lines, { "": "2026-03-02T12:02" }), 1, "what was there at the first look was seen");
});
