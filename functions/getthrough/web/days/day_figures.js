/** A day in numbers: what became of its dispatches, what it cost, how many and how fast on each channel. */

import { h, reconcile } from "../elements/dom.js";
import { s } from "../elements/svg.js";
import { channelName, money, outcomeBadge } from "../text/words.js";
import { dayName, today } from "../time/days.js";

/** @import { Usage } from "../api/api.js" */
/** @import { Tone } from "../text/words.js" */

/** @typedef {{channel: string, sent: number, delivered: number, failed: number, median_seconds: number | null, p95_seconds: number | null}} Channel */

/**
 * @typedef {object} Day
 * @property {string} date
 * @property {boolean} complete
 * @property {number} dispatches
 * @property {number} succeeded
 * @property {number} exhausted
 * @property {number} stopped
 * @property {number} cancelled
 * @property {number} open
 * @property {number} messages_sent
 * @property {number} failed_over
 * @property {number} late
 * @property {Usage[]} cost
 * @property {Channel[]} channels
 */

/** @typedef {[Tone, number]} Part   of a bar */

const NUMBER = new Intl.NumberFormat("en-GB");
const OUTCOMES = /** @type {const} */ (["succeeded", "exhausted", "open", "stopped", "cancelled"]);

/** What must be said of a day that was not counted to its end; "" of any other. @param {Day} day */
export function partial({ complete, dispatches }) {
  return complete
    ? ""
    : `More was sent on this day than is counted here: these are its newest ${NUMBER.format(dispatches)} dispatches.`;
}

/**
 * @param {HTMLElement} place
 * @param {Day} day
 * @param {(outcome: string) => void} picked   the dispatches with an outcome are wanted
 */
export function drawDay(place, day, picked) {
  const { date, dispatches, messages_sent: sent, failed_over: over, late, cost, channels } = day;
  if (!dispatches) return place.replaceChildren(nothing(date));
  const outcomes = OUTCOMES.map((outcome) => ({ outcome, count: day[outcome] }));
  const parts = [
    { key: "outcomes", make: () => outcomesOf(dispatches, outcomes, picked), from: outcomes },
    { key: "facts", make: () => facts(sent, over, late, cost), from: [sent, over, late, cost] },
    { key: "channels", make: () => table(channels), from: channels },
  ];
  reconcile(
    place,
    parts,
    ({ key }) => key,
    ({ make }) => make(),
  );
}

/** @param {string} date */
function nothing(date) {
  return date === today()
    ? h(
        "p",
        { class: "empty" },
        "Nothing yet. A dispatch counts for the day on which it was accepted. ",
        h("a", { href: "#/" }, "Send a message"),
        ", and it is counted here within a minute.",
      )
    : h(
        "p",
        { class: "empty" },
        `Nothing was accepted on ${dayName(date) === "Yesterday" ? "this day" : dayName(date)}, or it is so long ago that it has been deleted. Go on to another day with the arrows.`,
      );
}

/** @param {number} total @param {{outcome: string, count: number}[]} outcomes @param {(outcome: string) => void} picked */
function outcomesOf(total, outcomes, picked) {
  const list = outcomes
    .filter(({ outcome, count }) => count > 0 || outcome === "succeeded" || outcome === "exhausted")
    .map(({ outcome, count }) => {
      const { text, tone } = outcomeBadge(outcome === "open" ? null : outcome);
      const button = h(
        "button",
        { type: "button", class: `pick tone-${tone}` },
        h("b", {}, NUMBER.format(count)),
        ` ${text.replace(/^.*: /, "").toLowerCase()}`,
      );
      button.onclick = () => picked(outcome);
      return h("li", {}, button);
    });
  return h(
    "div",
    { class: "outcomes" },
    h("p", { class: "total" }, h("b", {}, NUMBER.format(total)), total === 1 ? " dispatch" : " dispatches"),
    bar(outcomes.map(({ outcome, count }) => [outcomeBadge(outcome === "open" ? null : outcome).tone, count])),
    h("ul", { class: "picks", "aria-label": "Show those that ended so" }, ...list),
  );
}

/** @param {number} sent @param {number} over @param {number} late @param {Usage[]} cost */
function facts(sent, over, late, cost) {
  /** @type {[string, string][]} */
  const rows = [
    ["Messages sent", NUMBER.format(sent)],
    ["Went on to a fallback", NUMBER.format(over)],
    ["Delivered late", NUMBER.format(late)],
    ["Cost", cost.map(money).join(" + ") || "none reported"],
  ];
  return h(
    "dl",
    { class: "facts" },
    ...rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** @param {Channel[]} channels */
function table(channels) {
  const heads = ["Channel", "Sent", "Delivered", "Failed", "Median time", "95\u00a0% within"];
  return h(
    "table",
    { class: "channels" },
    h("caption", {}, "By channel, with time to delivery"),
    h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text)))),
    h(
      "tbody",
      {},
      ...channels.map(({ channel, sent, delivered, failed, median_seconds: median, p95_seconds: p95 }) =>
        h(
          "tr",
          {},
          h(
            "th",
            { scope: "row" },
            channelName(channel),
            bar([
              ["good", delivered],
              ["bad", failed],
              ["idle", sent - delivered - failed],
            ]),
          ),
          ...[sent, delivered, failed].map((count) => h("td", {}, NUMBER.format(count))),
          ...[median, p95].map((seconds) => h("td", {}, seconds === null ? "–" : span(seconds))),
        ),
      ),
    ),
  );
}

/** Parts of a whole as a bar; the numbers stand beside it in words. @param {Part[]} parts */
function bar(parts) {
  const whole = parts.reduce((sum, [, count]) => sum + count, 0) || 1;
  const chart = s("svg", { class: "bar", "aria-hidden": "true" });
  let before = 0;
  for (const [tone, count] of parts.filter(([, count]) => count > 0)) {
    chart.append(
      s("rect", {
        class: `tone-${tone}`,
        x: `${(100 * before) / whole}%`,
        width: `${(100 * count) / whole}%`,
        height: "100%",
      }),
    );
    before += count;
  }
  return chart;
}

/** "1.4 s", "12 min" @param {number} seconds */
function span(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)}\u00a0s`;
  if (seconds < 99.5) return `${Math.round(seconds)}\u00a0s`;
  return seconds < 5_970 ? `${Math.round(seconds / 60)}\u00a0min` : `${Math.round(seconds / 3600)}\u00a0h`;
}
