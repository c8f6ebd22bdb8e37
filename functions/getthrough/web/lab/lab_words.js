/** What the arrivals show, in words. Pure. */

import { channelName } from "../channels/channels.js";
import { spelled } from "../text/words.js";
import { chance } from "./curves.js";

/** @import { Between, Curve, Group } from "./curves.js" */

/** From so many arrivals on a window can be chosen by them. */
const ENOUGH = 50;

const WHOLE = new Intl.NumberFormat("en-GB");
const SHARE = new Intl.NumberFormat("en-GB", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const MONEY = new Intl.NumberFormat("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const WEEK = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** "SMS to +44" @param {{channel: string, country: string}} group */
export function groupName({ channel, country }) {
  return country ? `${channelName(channel)} to +${country}` : channelName(channel);
}

/** "30 seconds", "5 minutes", "2 days" @param {number} seconds */
export function windowWords(seconds) {
  for (const [size, name] of /** @type {const} */ ([
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
  ])) {
    if (seconds % size === 0) return `${seconds / size} ${name}${seconds === size ? "" : "s"}`;
  }
  return spelled(seconds);
}

/** "93.1 %", or "93.1 to 95.0 %" where it is not known better. @param {Between} between */
export function shareWords({ least, most }) {
  const [low, high] = [SHARE.format(least), SHARE.format(most)];
  return low === high ? low : `${low} to ${high}`;
}

/** Of a thousand messages: "69", or "50 to 69". @param {Between} between */
export function ofThousand({ least, most }) {
  const [low, high] = [Math.round(1000 * least), Math.round(1000 * most)];
  return low === high ? `${low}` : `${low} to ${high}`;
}

/** What that many fallbacks cost for a thousand messages; empty without a price. @param {Between} fallback @param {string} price   as typed */
export function costWords({ least, most }, price) {
  const each = Number(price.replace(",", "."));
  if (!price.trim() || !Number.isFinite(each) || each < 0) return "";
  const [low, high] = [MONEY.format(1000 * least * each), MONEY.format(1000 * most * each)];
  return low === high ? low : `${low} to ${high}`;
}

/** What it is known from. @param {Group} group @param {Curve} curve */
export function sourceWords({ since }, { messages }) {
  return `${WHOLE.format(messages)} ${messages === 1 ? "message" : "messages"} in the weeks since ${WEEK.format(Date.parse(since))}.`;
}

/** What the figures cannot say; empty if there is nothing to be said. @param {Curve} curve @param {number} window @returns {string[]} */
export function doubts({ seen, messages, horizon, failed, points }, window) {
  const known = points.at(-1)?.share ?? 0;
  /** @type {string[]} */
  const found = [];
  if (!seen) found.push("None of these messages has arrived so far, so nothing is known of a window.");
  else if (seen < ENOUGH) {
    found.push(
      `Only ${seen} ${seen === 1 ? "message has" : "messages have"} arrived. These figures are useful from about ${ENOUGH} on.`,
    );
  }
  if (seen && messages < 1000) {
    found.push(`By chance alone, the shares may be off by ${SHARE.format(chance(known, messages))}.`);
  }
  if (horizon < Infinity && 1 - failed - known > 0.0005) {
    const after = windowWords(Math.round(horizon));
    found.push(
      `Most messages ended with their time to live: what arrives after ${after} is not known. Of all messages, ${SHARE.format(1 - failed - known)} may arrive then, or none. Send some with a longer “ttl” to learn more.`,
    );
    if (window > horizon) found.push("So this window is longer than anything that was watched.");
  }
  return found;
}
