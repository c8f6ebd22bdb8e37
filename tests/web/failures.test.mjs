import assert from "node:assert/strict";
import { test } from "node:test";

import { failuresOf, failureWords, firstDay, unseen } from "../../functions/getthrough/web/problems/failures.js";

const TODAY = "2026-11-23";
const YESTERDAY = "2026-11-22";

/** @param {number} today @param {number} yesterday */
function failures(today, yesterday) {
  return failuresOf([
    { date: TODAY, exhausted: today },
    { date: YESTERDAY, exhausted: yesterday },
  ]);
}

test("what was seen of a day counts no more, and what was seen the day before yesterday makes no difference", () => {
  assert.equal(unseen(failures(3, 1), {}), 4);
  assert.equal(unseen(failures(3, 1), failures(2, 1)), 1);
  assert.equal(unseen(failures(3, 1), { [YESTERDAY]: 1, "2026-11-21": 9 }), 3);
  assert.equal(unseen(failures(0, 0), failures(2, 1)), 0);
});

test("the messages of today alone are said to be today's", () => {
  assert.equal(failureWords(failures(3, 0), TODAY), "3 messages today were not delivered");
  assert.equal(failureWords(failures(1000, 1), TODAY), "1,001 messages since yesterday were not delivered");
  assert.equal(failureWords(failures(0, 1), TODAY), "1 message since yesterday was not delivered");
  assert.deepEqual([failures(3, 0), failures(3, 1), failures(0, 0), {}].map(firstDay), [TODAY, YESTERDAY, "", ""]);
});
