import assert from "node:assert/strict";
import { test } from "node:test";

import { draftOf } from "../../functions/getthrough/web/compose/draft_of.js";
import { dispatchOf, UNSENT } from "./samples.mjs";

test("a message that was sent fills the form again: texts, contacts, windows and other fields", () => {
  const sms = { ...UNSENT, content: { text: "Ready" }, expiry_time: 120 };
  const picture = {
    ...UNSENT,
    step: 1,
    channel: "whatsapp",
    message_type: "image",
    content: { image: { url: "https://x.example/a.png", caption: "Look" } },
    expiry_time: 259_200,
  };
  const { values, contacts } = draftOf(dispatchOf([sms, picture], [], { client_ref: "order 7" }));
  assert.deepEqual(values, {
    text: "Ready",
    when: "now",
    client_ref: "order 7",
    through: "delivered",
    give_up: "3",
    give_up_unit: "86400",
  });
  const [first, second] = contacts.map((one) => new Map(Object.entries(one)));
  assert.deepEqual([first?.get("expiry_time"), first?.get("unit"), first?.get("own")], ["2", "60", false]);
  assert.deepEqual(
    [second?.get("image.url"), second?.get("text"), second?.get("own")],
    ["https://x.example/a.png", "Look", true],
  );
});
