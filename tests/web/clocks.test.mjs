import assert from "node:assert/strict";
import { test } from "node:test";

import { momentOf, quietUntil } from "../../functions/getthrough/web/time/clocks.js";

/** @import { QuietHours } from "../../functions/getthrough/web/time/clocks.js" */

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const LONDON = "Europe/London";

/** @type {[what: string, local: string, zone: string, moment: string][]} */
const TIMES = [
  // what, local time, zone, moment
  ["winter", "2026-12-24T09:00", LONDON, "2026-12-24T09:00Z"],
  ["summer", "2026-07-24T09:00", LONDON, "2026-07-24T08:00Z"],
  ["a time that clocks jump over is as much later as they jump", "2026-03-29T01:30", LONDON, "2026-03-29T01:30Z"],
  ["of a time that comes twice it is the first", "2026-10-25T01:30", LONDON, "2026-10-25T00:30Z"],
  ["half an hour beside the others", "2026-12-24T09:00", "Asia/Kolkata", "2026-12-24T03:30Z"],
  ["the other side of the world", "2026-12-24T09:00", "Pacific/Auckland", "2026-12-23T20:00Z"],
];

for (const [what, local, zone, moment] of TIMES) {
  test(`a local time: ${what}`, () => assert.equal(momentOf(local, zone), Date.parse(moment)));
}

test("an empty time has no moment", () => assert.equal(momentOf("", LONDON), null));

/** @type {QuietHours} */
const NIGHT = { from: "21:00", to: "08:00", days: DAYS, then: "wait", zone: LONDON };
/** @type {[what: string, quiet: QuietHours, moment: string, end: string | null][]} */
const WEEKEND = [
  // what, quiet hours, moment, their end
  ["before they begin", NIGHT, "2026-12-24T20:59:59Z", null],
  ["as they begin", NIGHT, "2026-12-24T21:00Z", "2026-12-25T08:00Z"],
  ["after midnight", NIGHT, "2026-12-25T03:00Z", "2026-12-25T08:00Z"],
  ["as they end", NIGHT, "2026-12-25T08:00Z", null],
  ["in their own zone", { ...NIGHT, zone: "America/New_York" }, "2026-12-25T03:00Z", "2026-12-25T13:00Z"],
  ["a night that began on another day", { ...NIGHT, days: ["fri"] }, "2026-12-25T03:00Z", null],
  ["the night of that day", { ...NIGHT, days: ["thu"] }, "2026-12-25T03:00Z", "2026-12-25T08:00Z"],
  ["at noon, not over midnight", { ...NIGHT, from: "12:00", to: "14:00" }, "2026-12-25T13:00Z", "2026-12-25T14:00Z"],
  [
    "those that begin as others end are one time",
    { ...NIGHT, from: "08:00", to: "08:00", days: ["sat", "sun"] },
    "2026-12-26T10:00Z",
    "2026-12-28T08:00Z",
  ],
  ["an end that clocks jump over", { ...NIGHT, to: "01:30" }, "2026-03-29T00:00Z", "2026-03-29T01:30Z"],
  [
    "an hour that comes twice is quiet twice",
    { ...NIGHT, from: "01:00", to: "01:45" },
    "2026-10-25T01:10Z",
    "2026-10-25T01:45Z",
  ],
];

for (const [what, quiet, moment, end] of WEEKEND) {
  test(`quiet hours: ${what}`, () => {
    const until = quietUntil(quiet, Date.parse(moment));
    assert.equal(until === null ? null : new Date(until).toISOString(), end && new Date(end).toISOString());
  });
}
