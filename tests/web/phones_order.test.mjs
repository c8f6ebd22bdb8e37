import assert from "node:assert/strict";
import { test } from "node:test";

import { dispatchLink, fits, lastText, newestFirst } from "../../local/vonage_simulator/page/order.js";

/** @import { Message, Phone } from "../../local/vonage_simulator/page/simulator.js" */

/** @param {string} address @param {Partial<Message>[]} messages */
function entry(address, messages, seenAt = 0) {
  const phone = /** @type {Phone} */ (/** @type {unknown} */ ({ channel: "whatsapp", address, messages }));
  return { address, phones: [phone], seenAt };
}

test("the number with the newest message is first, and one without messages counts from when it was seen", () => {
  const all = [
    entry("1", [{ at: "2026-11-29T10:00:00Z", arrived_at: null }]),
    entry("2", [{ at: "2026-11-29T09:00:00Z", arrived_at: "2026-11-29T11:00:00Z" }]),
    entry("3", [], Date.parse("2026-11-29T10:30:00Z")),
  ];
  assert.deepEqual(
    newestFirst(all).map(({ address }) => address),
    ["2", "3", "1"],
  );
});

test("a phone is found by its number as people write it, its channel or a text", () => {
  const one = entry("447700900001", [{ text: "Your cupcakes are ready!" }]);
  assert.deepEqual(
    ["", "+44 7700 900001", "900001", "whatsapp", "CUPCAKES", "447700900002", "bread"].map((typed) => fits(one, typed)),
    [true, true, true, true, true, false, false],
  );
});

test("a line has the newest message, or its kind", () => {
  assert.equal(lastText(entry("1", [])), "");
  assert.equal(
    lastText(
      entry("1", [
        { at: "1", text: "old" },
        { at: "2", text: null, message_type: "image" },
      ]),
    ),
    "image",
  );
});

test("a message leads to its dispatch, whose id ends in 00, and no other reference leads anywhere", () => {
  const uuid = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e501";
  assert.equal(
    dispatchLink("http://127.0.0.1:8080", uuid),
    `http://127.0.0.1:8080/#/dispatches/${uuid.slice(0, -2)}00`,
  );
  assert.deepEqual(
    [dispatchLink("", uuid), dispatchLink("http://x", null), dispatchLink("http://x", "order 7")],
    [null, null, null],
  );
});
