import assert from "node:assert/strict";
import { test } from "node:test";

import { scaleOf } from "../../functions/getthrough/web/dispatch/scale.js";

/** Marks of one row at so many seconds. @param {number[]} seconds */
function marks(...seconds) {
  return seconds.map((at) => ({ at: at * 1000, row: 0 }));
}

/** @param {number[]} numbers */
function rounded(numbers) {
  return numbers.map(Math.round);
}

test("a short story has a true axis: what is twice as long is twice as wide, and nothing is cut out", () => {
  const scale = scaleOf(marks(0, 5, 15), 600, 30);

  assert.deepEqual(
    { ...scale, places: rounded(scale.places), place: 0 },
    { places: [0, 200, 600], width: 600, silences: [], place: 0 },
  );
});

test("marks of one row keep apart, those of two rows need not, and time never runs back", () => {
  const scale = scaleOf(
    [
      { at: 0, row: 0 },
      { at: 1, row: 0 },
      { at: 1, row: 1 },
      { at: 2, row: 0 },
      { at: 60_000, row: 1 },
    ],
    300,
    30,
  );

  assert.deepEqual(rounded(scale.places), [0, 30, 30, 60, 300]);
});

test("two marks of one row at the same moment keep apart too, and a moment is where the first of them is", () => {
  const scale = scaleOf([...marks(0, 1, 1, 2)], 90, 30);

  assert.deepEqual(rounded(scale.places), [0, 30, 60, 90]);
  assert.equal(Math.round(scale.place(1_000)), 30);
});

test("a silence of three days does not squeeze the first minute, and is listed", () => {
  const scale = scaleOf(marks(0, 0.2, 15, 60, 259_200, 259_203), 600, 30);

  const [, , fifteen = 0, minute = 0, days = 0] = scale.places;
  assert.deepEqual(scale.silences, [{ from: 60_000, to: 259_200_000, left: minute, right: days }]);
  assert.ok(minute - fifteen > 2 * (fifteen - 60), "forty-five seconds are wider than fifteen");
  assert.ok(minute > 150, "the first minute has a quarter of the room");
  assert.ok(days - minute > 150, "the silence is wide enough to be seen");
});

test("of two silences both are cut, and the longer one is not narrower", () => {
  const { silences } = scaleOf(marks(0, 10, 3_610, 3_620, 262_820), 600, 30);

  assert.deepEqual(
    silences.map(({ from, to }) => [from, to]),
    [
      [10_000, 3_610_000],
      [3_620_000, 262_820_000],
    ],
  );
  const [shorter = 0, longer = 0] = silences.map(({ left, right }) => right - left);
  assert.ok(longer >= shorter);
});

test("less than a minute is never cut, however short everything else is", () => {
  assert.deepEqual(scaleOf(marks(0, 0.01, 59), 600, 30).silences, []);
});

test("what cannot fit is as wide as it has to be", () => {
  const scale = scaleOf(marks(0, 1, 2, 3), 60, 30);

  assert.deepEqual([rounded(scale.places), scale.width], [[0, 30, 60, 90], 90]);
});

test("a moment between two marks has its place between them, and outside of all at the edge", () => {
  const scale = scaleOf(marks(10, 20, 40), 300, 30);

  assert.deepEqual(rounded([5, 10, 15, 30, 40, 50].map((at) => scale.place(at * 1000))), [0, 0, 50, 200, 300, 300]);
});

test("one mark alone is at the left edge", () => {
  assert.deepEqual(scaleOf(marks(7), 300, 30).places, [0]);
});
