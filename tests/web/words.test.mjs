import assert from "node:assert/strict";
import { test } from "node:test";

import { duration, fullTime, money, trouble } from "../../functions/getthrough/web/text/words.js";

/** @type {[string, string][]} */
const PRICES = [
  ["0.0333", "EUR 0.0333"],
  ["10.6560", "EUR 10.656"],
  ["7.99200000", "EUR 7.992"],
  ["1", "EUR 1.00"],
  ["1.2", "EUR 1.20"],
  ["100", "EUR 100.00"],
  ["0.10", "EUR 0.10"],
];

for (const [price, shown] of PRICES)
  test(`${price} is ${shown}`, () => assert.equal(money({ currency: "EUR", price }), shown));

/** @type {[number, string][]} */
const TIMES = [
  [0, "0 s"],
  [59.4, "59 s"],
  [59.5, "1 min"],
  [125, "2 min 5 s"],
  [3600, "1 h"],
  [3_725, "1 h 2 min"],
];

for (const [seconds, shown] of TIMES)
  test(`${seconds} seconds are ${shown}`, () => assert.equal(duration(seconds), shown));

test("a moment is written in English, whatever the language of the browser", () => {
  assert.equal(fullTime("2026-03-02T12:00:05Z"), "2 Mar 2026, 12:00:05 GMT");
});

test("only a failed load is tried again automatically; after a button the reader is asked to press it again", () => {
  const error = /** @type {any} */ ({ status: 502, problem: {} });
  assert.equal(trouble(error, "load"), "The server could not answer (502). Trying again automatically.");
  assert.equal(trouble(error, "change"), "The server could not answer (502). Wait a moment, then try again.");
});
