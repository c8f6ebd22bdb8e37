import assert from "node:assert/strict";
import { test } from "node:test";

import { readInbound } from "../../functions/getthrough/web/conversations/inbound.js";

const V1 = { channel: "whatsapp", message_uuid: "aaaa", to: "447700900100", from: "447700900001" };
const NOTHING = { kind: "text", text: "", url: "", to: "447700900100", name: "" };

/** @type {[string, object, object][]} */
const CASES = [
  [
    "a text",
    { ...V1, message_type: "text", text: "Lovely", profile: { name: "Ann" } },
    { text: "Lovely", name: "Ann" },
  ],
  [
    "a picture with its caption",
    { ...V1, message_type: "image", image: { url: "https://example.com/a.jpg", caption: "This one?" } },
    { kind: "image", text: "This one?", url: "https://example.com/a.jpg" },
  ],
  [
    "a place with a name",
    { ...V1, message_type: "location", location: { lat: 51.5, long: -0.1, name: "The shop" } },
    { kind: "location", text: "The shop" },
  ],
  [
    "a place without one",
    { ...V1, message_type: "location", location: { lat: 0, long: -0.1 } },
    { kind: "location", text: "0, -0.1" },
  ],
  [
    "an answer that was offered",
    { ...V1, message_type: "reply", reply: { id: "1", title: "Yes" } },
    { kind: "reply", text: "Yes" },
  ],
  [
    "a button",
    { ...V1, message_type: "button", button: { payload: "yes", text: "Yes, please" } },
    { kind: "button", text: "Yes, please" },
  ],
  [
    "a button without a text",
    { ...V1, message_type: "button", button: { payload: "yes" } },
    { kind: "button", text: "yes" },
  ],
  ["what we do not know", { ...V1, message_type: "hologram", hologram: [1] }, { kind: "hologram" }],
  [
    "the shape of v0.1",
    {
      to: { type: "sms", number: "447700900100" },
      from: { type: "sms", number: "447700900001" },
      message: { content: { type: "text", text: "Hello" } },
    },
    { text: "Hello" },
  ],
  [
    "the shape of v0.1 with an id",
    {
      to: { type: "messenger", id: "447700900100" },
      from: { type: "messenger", id: "1" },
      message: { content: { type: "image", image: { url: "https://example.com/b.jpg" } } },
    },
    { kind: "image", url: "https://example.com/b.jpg" },
  ],
  [
    "the shape of the SMS API",
    { msisdn: "447700900001", to: "447700900100", messageId: "A", text: "Hello", type: "text" },
    { text: "Hello" },
  ],
  ["what is no text where one belongs", { ...V1, message_type: "text", text: { a: 1 } }, {}],
];

for (const [name, raw, expected] of CASES) {
  test(`${name} is read`, () => {
    assert.deepEqual(readInbound(raw), { ...NOTHING, ...expected });
  });
}

test("nothing at all is read without a fault", () => {
  assert.deepEqual(readInbound(null), { ...NOTHING, to: "" });
});
