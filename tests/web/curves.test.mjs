import assert from "node:assert/strict";
import { test } from "node:test";

import {
  arrivedBy,
  curveOf,
  forecast,
  groupsOf,
  lineOf,
  nearestWindow,
  placeOf,
  WINDOWS,
  windowAt,
  withWindow,
} from "../../functions/getthrough/web/lab/curves.js";
import {
  costWords,
  doubts,
  groupName,
  ofThousand,
  shareWords,
  windowWords,
} from "../../functions/getthrough/web/lab/lab_words.js";

/** @import { Arrivals } from "#api" */
/** @import { Curve } from "../../functions/getthrough/web/lab/curves.js" */

/** @param {Partial<Arrivals>} given @returns {Arrivals} */
function week(given) {
  const none = { arrived: [], cut: [], open: 0, failed: 0 };
  return { channel: "sms", country: "44", sender: "Bakery", week: "2026-11-23", ...none, ...given };
}

/** Counts by seconds. @param {[number, number][]} counts */
function by(...counts) {
  return counts.map(([seconds, messages]) => ({ seconds, messages }));
}

/** @param {...Partial<Arrivals>} weeks @returns {Curve} */
function curve(...weeks) {
  const [group] = groupsOf(weeks.map(week));
  assert.ok(group);
  return curveOf(group);
}

/** @param {unknown} value */
function rounded(value) {
  return JSON.parse(JSON.stringify(value, (_, it) => (typeof it === "number" ? Math.round(it * 1000) / 1000 : it)));
}

test("weeks and senders of one channel and country are one group, and the largest group comes first", () => {
  const groups = groupsOf([
    week({ arrived: by([4, 3]), failed: 1 }),
    week({ channel: "whatsapp", arrived: by([2, 40]), open: 2 }),
    week({ week: "2026-11-16", sender: "Shop", arrived: by([4, 2], [8, 5]), cut: by([32, 1]), open: 1 }),
  ]);

  assert.deepEqual(groups, [
    {
      channel: "whatsapp",
      country: "44",
      since: "2026-11-23",
      arrived: new Map([[2, 40]]),
      cut: new Map(),
      open: 2,
      failed: 0,
    },
    {
      channel: "sms",
      country: "44",
      since: "2026-11-16",
      arrived: new Map([
        [4, 5],
        [8, 5],
      ]),
      cut: new Map([[32, 1]]),
      open: 1,
      failed: 1,
    },
  ]);
});

test("without a cut the curve is the share of all messages that has arrived, and what is open or failed never does", () => {
  const shown = curve({ arrived: by([4, 50], [8, 30]), open: 10, failed: 10 });

  assert.deepEqual(rounded(shown), {
    points: [
      { seconds: 4, share: 0.5 },
      { seconds: 8, share: 0.8 },
    ],
    failed: 0.1,
    horizon: null, // Infinity has no JSON
    seen: 80,
    messages: 100,
  });
  assert.equal(shown.horizon, Infinity);
  assert.deepEqual(
    rounded([0, 3.3, 4, 7.3, 8, 900].map((seconds) => arrivedBy(shown, seconds))),
    [0, 0, 0.5, 0.641, 0.8, 0.8],
  );
});

test("a message that was cut short says nothing of later: those that were watched stand for it", () => {
  const shown = curve({ arrived: by([4, 100], [64, 50]), cut: by([32, 50]), open: 50 });

  // 250 messages: 100 arrive at once; of the 100 that are watched on, half arrive after a minute
  assert.deepEqual(rounded(shown.points), [
    { seconds: 4, share: 0.4 },
    { seconds: 32, share: 0.4 },
    { seconds: 64, share: 0.7 },
  ]);
  assert.equal(shown.horizon, Infinity);
});

test("where nearly all were cut, what comes after is not known, and the figures say how far they reach", () => {
  const shown = curve({ arrived: by([4, 900]), cut: by([32, 95]), open: 5 });

  assert.equal(shown.horizon, 32);
  assert.deepEqual(rounded(forecast(shown, 10, null)), {
    inTime: { least: 0.9, most: 0.9 },
    fallback: { least: 0.1, most: 0.1 },
    tooEarly: { least: 0, most: 0.1 },
    reached: null,
    slowest: null,
  });
  assert.deepEqual(rounded(forecast(shown, 60, null).inTime), { least: 0.9, most: 1 });
  assert.deepEqual(doubts(shown, 60), [
    "Most messages ended with their time to live: what arrives after 32 seconds is not known. Of all messages, 10.0% may arrive then, or none. Send some with a longer “ttl” to learn more.",
    "So this window is longer than anything that was watched.",
  ]);
});

test("a longer window saves needless fallbacks and lets the slowest wait longer", () => {
  const sms = curve({ arrived: by([4, 800], [128, 100]), open: 60, failed: 40 });
  const whatsapp = curve({ channel: "whatsapp", arrived: by([2, 90]), open: 10 });

  const [short, long] = [forecast(sms, 30, whatsapp), forecast(sms, 180, whatsapp)];
  assert.deepEqual(rounded({ ...short, slowest: 0 }), {
    inTime: { least: 0.8, most: 0.8 },
    fallback: { least: 0.2, most: 0.2 },
    tooEarly: { least: 0.1, most: 0.1 },
    reached: { least: 0.98, most: 0.98 },
    slowest: 0,
  });
  assert.deepEqual(rounded({ ...long, slowest: 0 }), {
    inTime: { least: 0.9, most: 0.9 },
    fallback: { least: 0.1, most: 0.1 },
    tooEarly: { least: 0, most: 0 },
    reached: { least: 0.99, most: 0.99 },
    slowest: 0,
  });
  assert.ok(short.slowest !== null && short.slowest > 30 && short.slowest < 33, `${short.slowest}`);
  assert.ok(long.slowest !== null && long.slowest > 180 && long.slowest < 183, `${long.slowest}`);
});

test("nothing that arrived makes no figure and no line", () => {
  const none = curve({ open: 3 });

  assert.deepEqual(forecast(none, 30, none), {
    inTime: { least: 0, most: 0 },
    fallback: { least: 1, most: 1 },
    tooEarly: { least: 0, most: 0 },
    reached: { least: 0, most: 0 },
    slowest: null,
  });
  assert.deepEqual(lineOf(none), []);
  assert.deepEqual(doubts(none, 30), ["None of these messages has arrived so far, so nothing is known of a window."]);
});

test("little data says so, with how far chance may reach", () => {
  assert.deepEqual(doubts(curve({ arrived: by([4, 1]), open: 1 }), 30), [
    "Only 1 message has arrived. These figures are useful from about 50 on.",
    "By chance alone, the shares may be off by 58.2%.",
  ]);
  assert.deepEqual(doubts(curve({ arrived: by([4, 1900]), open: 100 }), 30), []);
});

test("the windows are equally far apart on the axis, and each place belongs to the nearest one", () => {
  const last = WINDOWS.length - 1;
  assert.deepEqual(
    WINDOWS.map((window) => windowAt(placeOf(window))),
    WINDOWS,
  );
  assert.deepEqual([placeOf(0.4), placeOf(1), placeOf(2), placeOf(1e9)], [0, 0, 1 / last, 1]);
  assert.deepEqual([windowAt(-3), windowAt(4), nearestWindow(62)], [1, 604_800, 60]);
  const line = lineOf(curve({ arrived: by([2, 9]), open: 1 }));
  assert.deepEqual(
    rounded(line),
    rounded([
      [placeOf(2 / 2 ** 0.25), 0],
      [placeOf(2), 0.9],
      [1, 0.9],
    ]),
  );
});

test("a window goes to the messages of its channel, and a draft without them or a fallback gets them", () => {
  const [sms, whatsapp] = [
    { channel: "sms", to: "447700900001", from: "Bakery" },
    { channel: "whatsapp", to: "447700900002" },
  ];
  const values = { text: "Ready!" };

  assert.deepEqual(withWindow({ values, contacts: [sms, whatsapp] }, "sms", 90, "rcs"), {
    values,
    contacts: [{ ...sms, expiry_time: "90", unit: "1" }, whatsapp],
  });
  assert.deepEqual(withWindow({ values, contacts: [whatsapp] }, "sms", 7_200, "whatsapp").contacts, [
    { channel: "sms", expiry_time: "2", unit: "3600" },
    whatsapp,
  ]);
  assert.deepEqual(withWindow(null, "sms", 300, "whatsapp"), {
    values: {},
    contacts: [{ channel: "sms", expiry_time: "5", unit: "60" }, { channel: "whatsapp" }],
  });
  assert.deepEqual(withWindow({ contacts: [whatsapp, sms] }, "sms", 30, "whatsapp").contacts, [
    whatsapp,
    { ...sms, expiry_time: "30", unit: "1" },
    { channel: "whatsapp" },
  ]);
});

test("words", () => {
  assert.deepEqual([1, 45, 60, 90, 3_600, 7_200, 86_400, 604_800].map(windowWords), [
    ...["1 second", "45 seconds", "1 minute", "1 min 30 s"],
    ...["1 hour", "2 hours", "1 day", "7 days"],
  ]);
  assert.deepEqual(
    [groupName({ channel: "sms", country: "44" }), groupName({ channel: "email", country: "" })],
    ["SMS to +44", "Email"],
  );
  assert.deepEqual(
    [
      shareWords({ least: 0.5, most: 0.5 }),
      shareWords({ least: 0.5, most: 0.75 }),
      ofThousand({ least: 0.0694, most: 0.1 }),
    ],
    ["50.0%", "50.0% to 75.0%", "69 to 100"],
  );
  assert.deepEqual(
    ["0.05", "0,05", "", "x", "-1"].map((price) => costWords({ least: 0.1, most: 0.1 }, price)),
    ["5.00", "5.00", "", "", ""],
  );
});
