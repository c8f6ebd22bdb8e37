/** Limits and the health of channels in words. Pure. */

import { channelName } from "../channels/channels.js";
import { own } from "../text/own.js";

/** @import { ChannelHealth, Limit } from "#api" */
/** @import { Badge, Tone } from "../text/words.js" */

/** @type {Record<string, string>} */
const NAMES = {
  messages: "Messages",
  messages_per_number: "Messages to one customer",
  new_numbers_per_prefix: "New numbers that begin alike",
  spending: "Spending",
};

/** The share of a limit from which one should look. */
const NEARLY = 0.8;

/** "Spending in a day" @param {Limit} limit */
export function limitName({ limit, period }) {
  const name = limit.replace(/^client_/, "").replace(`_per_${period}`, "");
  return `${own(NAMES, name) ?? name.replaceAll("_", " ")} in ${period === "hour" ? "an" : "a"} ${period}`;
}

/** "EUR 3.20 of EUR 50.00", or "at most 20" where each customer counts alone. @param {Limit} limit */
export function limitWords({ used, most }) {
  const [, amount = most, currency = ""] = /^([\d.]+) ?([A-Z]{3})?$/.exec(most) ?? [];
  const money = (/** @type {string} */ text) =>
    currency ? `${currency} ${Number(text).toFixed(2)}` : Number(text).toLocaleString("en-GB");
  return used === null ? `at most ${money(amount)}` : `${money(used)} of ${money(amount)}`;
}

/** Which share is used, from 0 to 1; null where each customer counts alone. @param {Limit} limit */
export function usedShare({ used, most }) {
  const amount = Number.parseFloat(most);
  return used === null || !(amount >= 0) ? null : amount === 0 ? 1 : Math.min(Number(used) / amount, 1);
}

/** @param {Limit} limit @returns {Tone} */
export function limitTone(limit) {
  const share = usedShare(limit) ?? 0;
  return share >= 1 ? "bad" : share >= NEARLY ? "wait" : "good";
}

/** "WhatsApp to +44" @param {ChannelHealth} health */
export function destination({ channel, country_code: code }) {
  return code ? `${channelName(channel)} to +${code}` : channelName(channel);
}

/** @param {ChannelHealth} health @returns {Badge} */
export function healthBadge({ state, arrived, failed }) {
  if (state === "down") return { text: "Down", tone: "bad" };
  return failed > arrived ? { text: "Most fail", tone: "wait" } : { text: "Up again", tone: "good" };
}

/** "3 arrived and 12 failed lately." @param {ChannelHealth} health */
export function healthWords({ state, arrived, failed }) {
  return state === "down" ? "Nearly all messages failed." : `${arrived} arrived and ${failed} failed lately.`;
}
