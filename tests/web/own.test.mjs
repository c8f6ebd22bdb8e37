import assert from "node:assert/strict";
import { test } from "node:test";

import { channelName, channelOf, messageType } from "../../functions/getthrough/web/channels/channels.js";
import { readInbound } from "../../functions/getthrough/web/conversations/inbound.js";
import { own } from "../../functions/getthrough/web/text/own.js";
import { trouble } from "../../functions/getthrough/web/text/words.js";

/** What every object has, although no one put it there. */
const INHERITED = Object.getOwnPropertyNames(Object.prototype);

for (const name of INHERITED) {
  test(`a message of type ${name} is shown under this name`, () => {
    const raw = JSON.parse(`{"message_type": "${name}", "text": "Hello", "to": "447700900100"}`);
    assert.deepEqual(readInbound(raw), { kind: name, text: "Hello", url: "", to: "447700900100", name: "" });
  });

  test(`a channel called ${name} is one that the console does not know`, () => {
    assert.equal(channelName(name).toLowerCase(), name.replaceAll("_", " ").toLowerCase());
    assert.deepEqual(
      { ...channelOf(name), name: "" },
      { ...channelOf("pigeon"), name: "", from: { example: "", hint: `Your number or name on ${channelName(name)}.` } },
    );
    assert.equal(messageType("sms", name), messageType("sms", "text"));
  });

  test(`${name} is in a table only if someone put it there`, () => {
    assert.equal(own({ text: "yes" }, name), undefined);
    assert.equal(own(JSON.parse(`{"${name}": "yes"}`), name), "yes");
  });
}

test("an error in the page is not taken for a lost connection", () => {
  const error = /** @type {any} */ (new TypeError("words.map is not a function"));
  const shown = "This could not be shown, because of an error in this page. Reload it.";
  assert.equal(trouble(error, "load"), shown);
  assert.equal(trouble(error, "send"), shown);
});
