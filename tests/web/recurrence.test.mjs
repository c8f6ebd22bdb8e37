import assert from "node:assert/strict";
import { test } from "node:test";

import { cronOf, cronWords } from "../../functions/getthrough/web/time/recurrence.js";

/** @import { Repeat } from "../../functions/getthrough/web/time/recurrence.js" */

/** @type {Repeat} */
const CHOICE = { every: "day", time: "09:05", days: [], monthDay: "1", cron: "" };

/** @type {[choice: Partial<Repeat>, cron: string, words: string][]} */
const CHOICES = [
  [{}, "5 9 * * *", "every day at 09:05"],
  [{ every: "weekdays" }, "5 9 * * MON-FRI", "from Monday to Friday at 09:05"],
  [{ every: "week", days: ["sun", "mon"] }, "5 9 * * MON,SUN", "every Monday and Sunday at 09:05"],
  [{ every: "week", days: ["wed"], time: "00:00" }, "0 0 * * WED", "every Wednesday at 00:00"],
  [{ every: "month", monthDay: "28" }, "5 9 28 * *", "on day 28 of each month at 09:05"],
  [{ every: "month", monthDay: "L" }, "5 9 L * *", "on the last day of each month at 09:05"],
  [{ every: "cron", cron: " */15 9-17 * * MON#1 " }, "*/15 9-17 * * MON#1", "at each “*/15 9-17 * * MON#1”"],
];

for (const [choice, cron, words] of CHOICES) {
  test(`${cron} is ${words}`, () => {
    assert.equal(cronOf({ ...CHOICE, ...choice }), cron);
    assert.equal(cronWords(cron), words);
  });
}

for (const choice of [{ time: "" }, { every: "week" }, { every: "cron" }]) {
  test(`${JSON.stringify(choice)} says too little for an expression`, () =>
    assert.equal(cronOf({ ...CHOICE, ...choice }), ""));
}

/** @type {[cron: string, words: string][]} */
const FOREIGN = [
  ["0 9 * * 0", "every Sunday at 09:00"],
  ["0 9 * * 7", "every Sunday at 09:00"],
  ["0 9 * * 1-5", "from Monday to Friday at 09:00"],
  ["0 9 * * mon,Tue,5", "every Monday, Tuesday and Friday at 09:00"],
  ["0 9 1 * MON", "at each “0 9 1 * MON”"],
  ["0 9 * 12 *", "at each “0 9 * 12 *”"],
  ["0 9 * * MON#1", "at each “0 9 * * MON#1”"],
  ["0 9 LW * *", "at each “0 9 LW * *”"],
  ["* * * * *", "every minute"],
  ["* * * * MON", "at each “* * * * MON”"],
  ["rubbish", "at each “rubbish”"],
];

for (const [cron, words] of FOREIGN) test(`${cron} is ${words}`, () => assert.equal(cronWords(cron), words));
