import assert from "node:assert/strict";
import { test } from "node:test";

import { planOf } from "../../functions/getthrough/web/compose/plan.js";
import { contact, draft } from "./drafts.mjs";

const ZONE = "Europe/London";
const NOON = Date.parse("2026-11-23T12:00:00Z"); // a Monday
const EVENING = Date.parse("2026-11-23T22:00:00Z");

const ANN = contact({ channel: "sms", to: "447700900001" });
const BEN = contact({
  channel: "whatsapp",
  to: "447700900002",
  expiry_time: "10",
  unit: "60",
  condition_status: "read",
});

/** @import { Draft } from "../../functions/getthrough/web/compose/request.js" */

/** @type {[what: string, form: Draft, now: number, steps: string, facts: string[], warning: string][]} */
const PLANS = [
  // what, form, now, steps, facts, warning
  [
    "one SMS",
    draft({ text: "Ready" }, ANN),
    NOON,
    "SMS to 447700900001.",
    ["We stop waiting on Thu 26 Nov, 12:01.", "1 SMS segment."],
    "",
  ],
  ["nothing typed yet", draft({}, contact({})), NOON, "SMS to …", [], ""],
  [
    "a fallback",
    draft({ text: "Ready", give_up: "30", give_up_unit: "60" }, BEN, ANN),
    NOON,
    "First WhatsApp to 447700900002; if that is not read within 10 min, SMS to 447700900001.",
    ["The last message is sent by 12:11. We stop waiting at 12:41.", "1 SMS segment, if all are needed."],
    "",
  ],
  [
    "an answer, a picture and two segments",
    draft(
      { text: "ş".repeat(71) },
      contact({ channel: "rcs", message_type: "image", to: "1", condition_status: "replied" }),
      ANN,
    ),
    NOON,
    "First RCS picture to 1; if that is not answered within 15 s, SMS to 447700900001.",
    [
      "The last message is sent by 12:01. We stop waiting on Thu 26 Nov, 12:01.",
      "About 2 SMS segments, if all are needed.",
    ],
    "",
  ],
  [
    "a window longer than there are dates",
    draft({ give_up: "999999999", give_up_unit: "86400" }, ANN),
    NOON,
    "SMS to 447700900001.",
    ["We stop waiting on 31 Dec 9999, 00:00."],
    "",
  ],
  [
    "at a time",
    draft({ text: "Ready", when: "at", send_at: "2026-12-24T09:00", give_up: "1" }, ANN),
    NOON,
    "Thu 24 Dec, 09:00: SMS to 447700900001.",
    ["We stop waiting on Thu 24 Dec, 10:01.", "1 SMS segment."],
    "",
  ],
  [
    "at a time of today",
    draft({ when: "at", send_at: "2026-11-23T15:00", give_up: "1" }, ANN),
    NOON,
    "15:00: SMS to 447700900001.",
    ["We stop waiting at 16:01."],
    "",
  ],
  [
    "at a time that is over",
    draft({ when: "at", send_at: "2026-11-23T11:00", give_up: "1" }, ANN),
    NOON,
    "11:00: SMS to 447700900001.",
    ["We stop waiting at 12:01."],
    "This time has passed. Choose a later one.",
  ],
  ["at no time yet", draft({ when: "at" }, ANN), NOON, "At …: SMS to 447700900001.", [], ""],
  [
    "repeatedly",
    draft({ when: "repeat", every: "week", weekdays: ["mon"], max_runs: "3", ends_at: "2026-12-31" }, BEN, ANN),
    NOON,
    "Every Monday at 09:00 (Europe/London), 3 times, until 31 Dec 2026: first WhatsApp to 447700900002; if that is not read within 10 min, SMS to 447700900001.",
    ["The last message is sent at most 10 min later."],
    "",
  ],
  [
    "repeatedly, on no day yet",
    draft({ when: "repeat", every: "week" }, ANN),
    NOON,
    "Every week on … at 09:00 (Europe/London): SMS to 447700900001.",
    [],
    "",
  ],
  [
    "quiet hours that do not start before the end",
    draft({ quiet: true, give_up: "1" }, ANN),
    NOON,
    "SMS to 447700900001.",
    [
      "We stop waiting at 13:01.",
      "Quiet hours: 21:00 to 08:00 (Europe/London). Messages due then wait until they end.",
    ],
    "",
  ],
  [
    "in quiet hours",
    draft({ quiet: true, give_up: "1" }, ANN),
    EVENING,
    "SMS to 447700900001.",
    [
      "We stop waiting on Tue 24 Nov, 09:01.",
      "Quiet hours: nothing is sent before Tue 24 Nov, 08:00.",
      "Quiet hours: 21:00 to 08:00 (Europe/London). Messages due then wait until they end.",
    ],
    "",
  ],
  [
    "a fallback that falls into quiet hours",
    draft({ quiet: true, give_up: "1", "quiet_hours.from": "12:05", "quiet_hours.to": "14:00" }, BEN, ANN),
    NOON,
    "First WhatsApp to 447700900002; if that is not read within 10 min, SMS to 447700900001.",
    [
      "The last message is sent by 14:00. We stop waiting at 15:01.",
      "Quiet hours: 12:05 to 14:00 (Europe/London). Messages due then wait until they end.",
    ],
    "",
  ],
  [
    "urgent in quiet hours",
    draft({ quiet: true, give_up: "1" }, { ...ANN, urgent: true }),
    EVENING,
    "SMS to 447700900001.",
    [
      "We stop waiting at 23:01.",
      "Quiet hours: 21:00 to 08:00 (Europe/London). Messages due then wait until they end.",
    ],
    "",
  ],
  [
    "skipped in quiet hours",
    draft({ quiet: true, give_up: "1", "quiet_hours.then": "skip" }, ANN),
    EVENING,
    "SMS to 447700900001.",
    ["Quiet hours: 21:00 to 08:00 (Europe/London). Messages due then are skipped."],
    "Quiet hours apply to all contacts at that time, so nothing would be sent. Choose another time.",
  ],
  [
    "skipped but for the urgent one",
    draft({ quiet: true, give_up: "1", "quiet_hours.then": "skip" }, BEN, { ...ANN, urgent: true }),
    EVENING,
    "First WhatsApp to 447700900002; if that is not read within 10 min, SMS to 447700900001.",
    ["We stop waiting at 23:01.", "Quiet hours: 21:00 to 08:00 (Europe/London). Messages due then are skipped."],
    "",
  ],
  [
    "a fallback that would be skipped if the first did not fail earlier",
    draft(
      { quiet: true, give_up: "1", "quiet_hours.from": "12:05", "quiet_hours.to": "14:00", "quiet_hours.then": "skip" },
      BEN,
      ANN,
    ),
    NOON,
    "First WhatsApp to 447700900002; if that is not read within 10 min, SMS to 447700900001.",
    [
      "The last message is sent by 12:11. We stop waiting at 13:11.",
      "Quiet hours: 12:05 to 14:00 (Europe/London). Messages due then are skipped.",
    ],
    "",
  ],
  [
    "quiet on some days, in an unknown zone",
    draft({ quiet: true, give_up: "1", "quiet_hours.days": ["fri", "sat"], "quiet_hours.time_zone": "Atlantis" }, ANN),
    EVENING,
    "SMS to 447700900001.",
    [
      "We stop waiting at 23:01.",
      "Quiet hours on Fri and Sat: 21:00 to 08:00 (Atlantis). Messages due then wait until they end.",
    ],
    "",
  ],
];

for (const [what, form, now, steps, facts, warning] of PLANS) {
  test(`the plan of ${what}`, () => assert.deepEqual(planOf(form, now, ZONE), { steps, facts, warning }));
}

test("a sender that no carrier accepts is warned of before anything is sent", () => {
  const warned = (/** @type {string} */ from) => planOf(draft({}, contact({}), contact({ from })), 0, ZONE).warning;
  assert.equal(
    warned("Joe’s Bakery & Café"),
    "Step 2 can’t work: an SMS is sent from a number, or from a name of up to 11 plain letters. “Joe’s Bakery & Café” is neither.",
  );
  assert.deepEqual(["BAKERY", "+44 7700 900001", "12345", ""].map(warned), ["", "", "", ""]);
});
