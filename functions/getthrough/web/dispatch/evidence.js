/** The evidence behind a point of the chart: the event in words, its times, and the data as received. */

import { h } from "../elements/dom.js";
import { clock, elapsed } from "../text/words.js";

/** @import { Dispatch, Step } from "#api" */
/** @import { Point } from "./lane_facts.js" */

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });
const ERRORS = "https://developer.vonage.com/";

/**
 * @param {Point} point
 * @param {Point[]} merged   the points right before it that are merged into it
 * @param {Step} step
 * @param {Dispatch} dispatch
 * @param {() => void} close
 */
export function evidence(point, merged, step, dispatch, close) {
  const closing = h("button", { type: "button", class: "quiet", "aria-label": "Close" }, "✕");
  closing.addEventListener("click", close);
  const others = merged.map((other) =>
    h("details", {}, h("summary", {}, `Before: ${other.sentence} ${other.since}`), ...details(other, step, dispatch)),
  );
  return h(
    "div",
    { class: `evidence tone-${point.tone}`, role: "group", "aria-label": `Step ${step.step + 1}: evidence` },
    h("p", { class: "evidence-head" }, h("strong", {}, point.sentence), closing),
    ...details(point, step, dispatch),
    ...others,
  );
}

/** @param {Point} point @param {Step} step @param {Dispatch} dispatch */
function details({ entry, since }, step, dispatch) {
  const { what, raw } = behind(entry, step);
  const status = entry.event === "status" ? entry : null;
  const link = documented(status?.raw);
  /** @type {[string, string | null | undefined][]} */
  const facts = [
    ["At", preciseTime(entry.at)],
    ["Since it was sent", since.replace("+", "")],
    ["Since it was accepted", elapsed(dispatch.created_at, entry.at).replace("+", "")],
    ["Vonage’s own time", status?.timestamp && preciseTime(status.timestamp)],
  ];
  return [
    h(
      "dl",
      {},
      ...facts.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
    ),
    link
      ? h("p", {}, h("a", { href: link, rel: "noreferrer", target: "_blank" }, "Vonage’s documentation of this code"))
      : "",
    h("p", { class: "hint" }, what),
    h("pre", { tabindex: "0", "aria-label": what }, JSON.stringify(raw, null, 2)),
  ];
}

/** "23 Nov 2026, 10:43:38.3" @param {string} at */
function preciseTime(at) {
  return `${DAY.format(new Date(at))}, ${clock(at)}`;
}

/** The evidence, and what it is. @param {Point["entry"]} entry @param {Step} step */
function behind(entry, step) {
  if (entry.event === "status") return { what: "Vonage’s webhook, as received", raw: entry.raw };
  if (entry.event === "answered" && step.problem) return { what: "Vonage’s response, as received", raw: step.problem };
  return { what: "No webhook. This is what Getthrough recorded", raw: entry };
}

/** The page that explains an error, if Vonage's webhook names one. @param {unknown} raw */
function documented(raw) {
  const type = /** @type {{error?: {type?: unknown}} | null | undefined} */ (raw)?.error?.type;
  return typeof type === "string" && type.startsWith(ERRORS) ? type : null;
}
