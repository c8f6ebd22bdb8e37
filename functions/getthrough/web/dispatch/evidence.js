/** What is behind a point of the picture: the event in words, its times, and what came, as it came. */

import { h } from "../elements/dom.js";
import { clock, elapsed } from "../text/words.js";

/** @import { Dispatch, Step } from "../api/api.js" */
/** @import { Point } from "./lane_facts.js" */

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });
const ERRORS = "https://developer.vonage.com/";

/**
 * @param {Point} point
 * @param {Point[]} folded   what came right before it and had no room of its own
 * @param {Step} step
 * @param {Dispatch} dispatch
 * @param {() => void} close
 */
export function evidence(point, folded, step, dispatch, close) {
  const closing = h("button", { type: "button", class: "quiet", "aria-label": "Close" }, "✕");
  closing.addEventListener("click", close);
  const others = folded.map((other) =>
    h("details", {}, h("summary", {}, `Before: ${other.sentence} ${other.since}`), ...told(other, step, dispatch)),
  );
  return h(
    "div",
    { class: `evidence tone-${point.tone}`, role: "group", "aria-label": `Step ${step.step + 1}: what is behind it` },
    h("p", { class: "evidence-head" }, h("strong", {}, point.sentence), closing),
    ...told(point, step, dispatch),
    ...others,
  );
}

/** @param {Point} point @param {Step} step @param {Dispatch} dispatch */
function told({ entry, since }, step, dispatch) {
  const { what, raw } = behind(entry, step);
  const link = documented(entry.raw);
  /** @type {[string, string | null | undefined][]} */
  const facts = [
    ["At", preciseTime(entry.at)],
    ["Since it was sent", since.replace("+", "")],
    ["Since it was accepted", elapsed(dispatch.created_at, entry.at).replace("+", "")],
    ["Vonage’s own time", entry.timestamp && preciseTime(entry.timestamp)],
  ];
  return [
    h(
      "dl",
      {},
      ...facts.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
    ),
    link
      ? h(
          "p",
          {},
          h("a", { href: link, rel: "noreferrer", target: "_blank" }, "What Vonage’s documentation says of this code"),
        )
      : "",
    h("p", { class: "hint" }, what),
    h("pre", { tabindex: "0", "aria-label": what }, JSON.stringify(raw, null, 2)),
  ];
}

/** "23 Nov 2026, 10:43:38.3" @param {string} at */
function preciseTime(at) {
  return `${DAY.format(new Date(at))}, ${clock(at)}`;
}

/** What came, and what it is. @param {Point["entry"]} entry @param {Step} step */
function behind(entry, step) {
  if (entry.raw !== undefined) return { what: "Vonage’s webhook, as it came", raw: entry.raw };
  if (entry.event === "answered" && step.problem) return { what: "Vonage’s answer, as it came", raw: step.problem };
  return { what: "No webhook: this is what was noted here", raw: entry };
}

/** The page that explains an error, if Vonage's webhook names one. @param {unknown} raw */
function documented(raw) {
  const type = /** @type {{error?: {type?: unknown}} | null | undefined} */ (raw)?.error?.type;
  return typeof type === "string" && type.startsWith(ERRORS) ? type : null;
}
