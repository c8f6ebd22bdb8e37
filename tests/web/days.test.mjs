import assert from "node:assert/strict";
import { test } from "node:test";

import { after, bounds } from "../../functions/getthrough/web/time/days.js";

test("a day follows another over months, years and the leap day", () => {
  /** @type {[day: string, by: number][]} */
  const days = [
    ["2026-11-30", 1],
    ["2026-01-01", -1],
    ["2024-02-28", 1],
    ["2023-02-28", 1],
    ["2026-03-29", 1],
    ["2026-10-25", -1],
  ];
  assert.deepEqual(
    days.map(([day, by]) => after(day, by)),
    ["2026-12-01", "2025-12-31", "2024-02-29", "2023-03-01", "2026-03-30", "2026-10-24"],
  );
});

test("a day lasts from midnight to midnight in local time, 23 or 25 hours when the clocks change", () => {
  assert.deepEqual(bounds("2026-11-23"), { since: "2026-11-23T00:00:00.000Z", before: "2026-11-24T00:00:00.000Z" });
  assert.deepEqual(bounds("2026-03-29"), { since: "2026-03-29T00:00:00.000Z", before: "2026-03-29T23:00:00.000Z" });
  assert.deepEqual(bounds("2026-10-25"), { since: "2026-10-24T23:00:00.000Z", before: "2026-10-26T00:00:00.000Z" });
});
