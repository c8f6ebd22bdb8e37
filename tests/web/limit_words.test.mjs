import assert from "node:assert/strict";
import { test } from "node:test";

import {
  destination,
  healthBadge,
  healthWords,
  limitName,
  limitTone,
  limitWords,
  usedShare,
} from "../../functions/getthrough/web/problems/limit_words.js";

/** @import { ChannelHealth, Limit } from "#api" */

/** @param {Partial<Limit>} given @returns {Limit} */
function limit(given) {
  const resets = "2026-11-30T00:00:00.000Z";
  return {
    limit: "spending_per_day",
    client: null,
    per: "stack",
    period: "day",
    most: "50",
    used: "0",
    resets_at: resets,
    ...given,
  };
}

/** @param {Partial<ChannelHealth>} given @returns {ChannelHealth} */
function health(given) {
  return { channel: "whatsapp", country_code: "44", state: "up", since: null, arrived: 1, failed: 4, ...given };
}

test("a limit says what is used of it, in its currency, and warns from four fifths on", () => {
  const stated = [
    limit({ most: "50 EUR", used: "3.2" }),
    limit({ most: "50 EUR", used: "40" }),
    limit({ limit: "messages_per_day", most: "5000", used: "6000" }),
    limit({ limit: "messages_per_number", per: "number", period: "hour", most: "20", used: null }),
    limit({ limit: "client_new_one", most: "0", used: "0" }),
  ];
  assert.deepEqual(
    stated.map((one) => [limitName(one), limitWords(one), usedShare(one), limitTone(one)]),
    [
      ["Spending in a day", "EUR 3.20 of EUR 50.00", 0.064, "good"],
      ["Spending in a day", "EUR 40.00 of EUR 50.00", 0.8, "wait"],
      ["Messages in a day", "6,000 of 5,000", 1, "bad"],
      ["Messages to one customer in an hour", "at most 20", null, "good"],
      ["new one in a day", "0 of 0", 1, "bad"],
    ],
  );
});

test("a channel says where it leads, and whether it is down, weak or up again", () => {
  const some = [
    health({ state: "down", arrived: 0, failed: 0 }),
    health({}),
    health({ channel: "messenger", country_code: "", arrived: 9, failed: 1 }),
  ];
  assert.deepEqual(
    some.map((one) => [destination(one), healthBadge(one).text, healthWords(one)]),
    [
      ["WhatsApp to +44", "Down", "Nearly all messages failed."],
      ["WhatsApp to +44", "Most fail", "1 arrived and 4 failed lately."],
      ["Messenger", "Up again", "9 arrived and 1 failed lately."],
    ],
  );
});
