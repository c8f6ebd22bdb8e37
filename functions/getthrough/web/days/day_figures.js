/** A day's figures: outcomes, cost, and the number and speed of messages on each channel. */

import { channelName } from "../channels/channels.js";
import { h, reconcile } from "../elements/dom.js";
import { s } from "../elements/svg.js";
import { money, outcomeBadge } from "../text/words.js";
import { dayName, today } from "../time/days.js";

/** @import { ChannelOfDay, Day, Usage } from "#api" */
/** @import { Tone } from "../text/words.js" */

/** @typedef {[Tone, number]} Part   of a bar */
/** @typedef {"succeeded" | "exhausted" | "open" | "stopped" | "cancelled"} DayOutcome */

const NUMBER = new Intl.NumberFormat("en-GB");
/** @type {DayOutcome[]} */
const OUTCOMES = ["succeeded", "exhausted", "open", "stopped", "cancelled"];

/** A warning if the day was not counted to its end, else empty. @param {Day} day */
export function partial({ complete, dispatches }) {
  return complete ? "" : `These figures cover only the newest ${NUMBER.format(dispatches)} messages of this day.`;
}

/**
 * @param {HTMLElement} place
 * @param {Day} day
 * @param {(outcome: DayOutcome) => void} picked   an outcome was clicked
 */
export function drawDay(place, day, picked) {
  const { date, dispatches, messages_sent: sent, failed_over: over, late, cost, channels } = day;
  if (!dispatches) {
    place.replaceChildren(nothing(date));
    return;
  }
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
        "No messages yet.",
        h(
          "span",
          { "data-needs": "send" },
          " ",
          h("a", { href: "#/" }, "Send a message"),
          ", and it is counted here within a minute.",
        ),
      )
    : h(
        "p",
        { class: "empty" },
        `No messages on ${dayName(date) === "Yesterday" ? "this day" : dayName(date)}. Old messages are deleted after a while. Use the arrows to choose another day.`,
      );
}

/** @param {number} total @param {{outcome: DayOutcome, count: number}[]} outcomes @param {(outcome: DayOutcome) => void} picked */
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
    h("p", { class: "total" }, h("b", {}, NUMBER.format(total)), total === 1 ? " message" : " messages"),
    bar(outcomes.map(({ outcome, count }) => [outcomeBadge(outcome === "open" ? null : outcome).tone, count])),
    h("ul", { class: "picks", "aria-label": "Filter by outcome" }, ...list),
  );
}

/** @param {number} sent @param {number} over @param {number} late @param {Usage[]} cost */
function facts(sent, over, late, cost) {
  /** @type {[string, string][]} */
  const rows = [
    ["Steps sent", NUMBER.format(sent)],
    ["Used a fallback", NUMBER.format(over)],
    ["Delivered late", NUMBER.format(late)],
    ["Cost", cost.map(money).join(" + ") || "none reported"],
  ];
  return h(
    "dl",
    { class: "facts" },
    ...rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** @param {ChannelOfDay[]} channels */
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

/** Parts of a whole as a bar, beside the numbers in words. @param {Part[]} parts */
function bar(parts) {
  const whole = parts.reduce((sum, [, share]) => sum + share, 0) || 1;
  const chart = s("svg", { class: "bar", "aria-hidden": "true" });
  let before = 0;
  for (const [tone, count] of parts.filter(([, share]) => share > 0)) {
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
