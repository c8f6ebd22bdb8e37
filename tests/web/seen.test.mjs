import assert from "node:assert/strict";
import { test } from "node:test";

import { newestOfEach, unreadWords } from "../../functions/getthrough/web/conversations/seen.js";

/** @param {string} address @param {string} at */
function line(address, at) {
  return { channel: "sms", address, received_at: at, message_type: "text", text: "Hello" };
}

test("a conversation counts once, as long as its newest message was not seen", () => {
  const lines = [line("1", "2026-03-02T12:03"), line("2", "2026-03-02T12:02"), line("1", "2026-03-02T12:01")];
  assert.deepEqual(newestOfEach(lines), lines.slice(0, 2));
  assert.equal(unreadWords(lines, {}, false), "2");
  assert.equal(unreadWords(lines, { "sms 1": "2026-03-02T12:03" }, false), "1");
  assert.equal(unreadWords(lines, { "": "2026-03-02T12:02" }, false), "1", "what was there at the first look was seen");
});

test("a count says that there may be more, if older messages were not read and the oldest one is unread", () => {
  const lines = [line("1", "2026-03-02T12:03"), line("2", "2026-03-02T12:02")];
  assert.equal(unreadWords(lines, {}, true), "2+");
  assert.equal(unreadWords(lines, { "": "2026-03-02T12:02" }, true), "1", "all that is older was seen");
  assert.equal(unreadWords(lines, { "": "2026-03-02T12:03" }, true), "");
  assert.equal(unreadWords([], {}, false), "");
});
