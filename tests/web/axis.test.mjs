import assert from "node:assert/strict";
import { test } from "node:test";

import { lanesOf } from "../../functions/getthrough/web/dispatch/lane_facts.js";
import { axis } from "../../functions/getthrough/web/dispatch/lanes_drawing.js";
import { dispatchOf, entry, UNSENT } from "./samples.mjs";

const NOON = Date.parse("2026-03-02T12:00:00Z");

/** The times that stand on an axis 500 pixels long, for steps sent so many ms after the start. @param {number[]} sent */
function times(sent) {
  const at = (/** @type {number} */ ms) => new Date(NOON + ms).toISOString();
  const steps = sent.map((ms, step) => ({ ...UNSENT, step, claimed_at: at(ms), tries: 1 }));
  const timeline = sent.map((ms, step) => entry({ event: "sent", step, at: at(ms), because: null }));
  const dispatch = dispatchOf(steps, timeline, { created_at: at(0), outcome: "exhausted" });
  const end = NOON + Math.max(...sent, 1);
  const x = (/** @type {number} */ moment) => (500 * (Math.min(moment, end) - NOON)) / (end - NOON);
  const place = { x, left: 0, right: 500, tops: [0], bottom: 100 };
  /** @type {string[]} */
  const texts = [];
  const element = {
    setAttribute() {},
    append: (/** @type {string[]} */ ...children) => texts.push(...children),
  };
  const before = globalThis.document;
  Object.assign(globalThis, { document: { createElementNS: () => element } });
  axis(dispatch, lanesOf(dispatch, end), { places: [], width: 500, silences: [], place: x }, place);
  Object.assign(globalThis, { document: before });
  return texts.filter((text) => text.includes(":")).map((text) => text.slice(-2));
}

test("no second stands on the axis twice, however much room there is", () => {
  assert.deepEqual(times([0, 300, 700]), ["00"]);
  assert.deepEqual(times([0, 900, 1_100]), ["00", "01"]);
  assert.deepEqual(times([0, 4_000, 9_000]), ["00", "04", "09"]);
});
