import assert from "node:assert/strict";
import { test } from "node:test";

import { evidenceOf } from "../../functions/getthrough/web/download/evidence.js";
import { dispatchOf, entry, UNSENT } from "./samples.mjs";

test("the evidence has ids, times and every webhook as received, and no text", () => {
  const raw = { status: "rejected", message_uuid: "vonage-1" };
  const step = {
    ...UNSENT,
    content: { text: "Your cupcakes" },
    vonage_message_uuid: "vonage-1",
    status: /** @type {const} */ ("rejected"),
  };
  const timeline = [entry({ event: "accepted" }), entry({ event: "status", step: 0, status: "rejected", raw })];
  const text = evidenceOf(dispatchOf([step], timeline, { request_id: "r-1" }), "https://api.example", new Date(0));
  const { made_at: made, stack, request_id: request, messages } = JSON.parse(text);
  assert.deepEqual([made, stack, request], ["1970-01-01T00:00:00.000Z", "https://api.example", "r-1"]);
  assert.deepEqual(
    [messages[0].vonage_message_uuid, messages[0].webhooks],
    ["vonage-1", [{ received_at: "2026-03-02T12:00:00.000Z", body: raw }]],
  );
  assert.ok(!text.includes("cupcakes"));
});
