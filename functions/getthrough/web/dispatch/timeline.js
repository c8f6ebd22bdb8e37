/** One dispatch, live: its steps, their windows and all events. */

import { watch } from "../api/watch.js";
import { askTwice } from "../elements/confirm.js";
import { announce, byId, h, reconcile, tell } from "../elements/dom.js";
import { clock, elapsed, fullTime, money, trouble } from "../text/words.js";
import { eventWords, headline, remarks, stateBadge } from "./dispatch_words.js";
import { keyOf } from "./lane_facts.js";
import { openLanes } from "./lanes.js";

/** @import { Dispatch, TimelineEntry } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Badge } from "../text/words.js" */

const TICK = 100;
const CALM_TICK = 1_000;
const SKEW = 2_000; // the server's Date header has whole seconds: a smaller difference between the clocks is ignored

/** Milliseconds to the next poll, by the number of polls without a change. @type {[below: number, wait: number][]} */
const PACE = [
  [6, 1_000],
  [12, 2_000],
  [24, 5_000],
  [Infinity, 10_000],
];
/** The same once it has an outcome: a message may still arrive late. @type {[below: number, wait: number][]} */
const PACE_AFTER = [
  [5, 2_000],
  [15, 5_000],
  [60, 10_000],
];

/**
 * Shows the dispatch until it is stopped. `changed` is called when the dispatch has changed.
 * @param {Api} api
 * @param {string} uuid
 * @param {() => void} changed
 * @returns {() => void} stops it
 */
export function openTimeline(api, uuid, changed) {
  /** @type {Dispatch | null} */
  let shown = null;
  /** @type {string | null} */
  let etag = null;
  let skew = 0;
  let open = true;
  const path = { dispatch_uuid: uuid };
  const serverNow = () => Date.now() + skew;
  const picture = openLanes(serverNow);

  async function look() {
    try {
      const answer = await api.getIfChanged("/v1/dispatches/{dispatch_uuid}", etag, { path });
      if (!open) return false;
      etag = answer.etag;
      skew = Math.abs(answer.now - Date.now()) > SKEW ? answer.now - Date.now() : 0;
      tell(byId("dispatch-notice"), "");
      if (!answer.body || JSON.stringify(answer.body) === JSON.stringify(shown)) return false;
      const before = shown;
      shown = answer.body;
      draw(shown);
      picture.show(shown);
      if (before) announce(news(before, shown));
      else byId("headline").focus();
      changed();
      return true;
    } catch (error) {
      if (open) tell(byId("dispatch-notice"), trouble(/** @type {ApiError} */ (error), "load"));
      return false;
    }
  }

  /** @param {number} unchanged */
  function wait(unchanged) {
    if (shown?.outcome) return pace(unchanged, PACE_AFTER);
    const usual = pace(unchanged, PACE);
    const ends = shown?.steps.findLast((step) => step.window_ends_at)?.window_ends_at;
    const left = ends ? Date.parse(ends) - Date.now() - skew : Infinity;
    return left > -5_000 ? Math.max(1_000, Math.min(usual, left + TICK)) : usual;
  }

  const stopAsking = askTwice(byId("stop-dispatch"), "Stop this message", "Really stop it?", async () => {
    try {
      await api.delete("/v1/dispatches/{dispatch_uuid}", { path });
      watching.now();
    } catch (error) {
      if (open) tell(byId("dispatch-notice"), trouble(/** @type {ApiError} */ (error), "change"));
    }
  });

  byId("dispatch-body").hidden = true;
  tell(byId("dispatch-notice"), "Loading …");
  const ticking = setInterval(() => picture.tick(serverNow()), calm() ? CALM_TICK : TICK);
  const watching = watch(look, wait);
  return () => {
    open = false;
    clearInterval(ticking);
    picture.stop();
    stopAsking();
    watching.stop();
  };
}

/** Whether the reader prefers reduced motion. */
function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** @param {number} unchanged @param {[below: number, wait: number][]} steps */
function pace(unchanged, steps) {
  return steps.find(([below]) => unchanged < below)?.[1] ?? 60_000;
}

/** The events since `before`, in words. @param {Dispatch} before @param {Dispatch} after */
function news(before, after) {
  const known = new Set(before.timeline.map(keyOf));
  return after.timeline
    .filter((entry) => !known.has(keyOf(entry)))
    .map((entry) => eventWords(entry, after).text)
    .join(" ");
}

/** @param {Dispatch} dispatch */
function draw(dispatch) {
  const badge = stateBadge(dispatch);
  byId("badge").textContent = badge.text;
  byId("badge").className = `badge tone-${badge.tone}`;
  byId("late").hidden = !dispatch.late;
  byId("headline").textContent = headline(dispatch);
  tell(byId("more-words"), remarks(dispatch));
  reconcile(byId("facts"), facts(dispatch), ([name]) => name, fact);
  const seen = new Map();
  const lines = dispatch.timeline.map((entry) => {
    const cost = entry.event === "status" && entry.usage ? money(entry.usage) : "";
    const repeated = cost !== "" && seen.get(entry.step) === cost; // the same charge comes with more than one report
    if (cost) seen.set(entry.step, cost);
    const shown = repeated && entry.event === "status" ? { ...entry, usage: null } : entry;
    return { entry, words: eventWords(shown, dispatch), since: elapsed(dispatch.created_at, entry.at) };
  });
  reconcile(byId("events"), lines, ({ entry }) => keyOf(entry), line);
  const open = dispatch.outcome === null;
  byId("stopping").hidden = !open;
  const unsent = dispatch.steps.filter((step) => !step.claimed_at).length;
  byId("stop-words").textContent =
    unsent === dispatch.steps.length
      ? "Nothing has been sent yet. If you stop it, nothing is sent."
      : unsent
        ? "Messages already sent may still arrive. No further step is sent."
        : "The last step has been sent. It may still arrive.";
  byId("dispatch-body").hidden = false;
}

/** @param {Dispatch} dispatch @returns {[string, string, string?][]} */
function facts({
  created_at: at,
  client_ref: reference,
  usage,
  dispatch_uuid: uuid,
  send_at: sendAt,
  held_until: held,
  batch_uuid: batch,
  timeline,
}) {
  const first = timeline.find(({ event }) => event === "sent");
  const over = timeline.find(({ event }) => event === "finished");
  /** @type {[string, string, string?][]} */
  const all = [
    ["Accepted", fullTime(at)],
    ["Planned for", sendAt ? fullTime(sendAt) : ""],
    ["Quiet hours until", held ? fullTime(held) : ""],
    ["Finished in", first && over ? elapsed(first.at, over.at).replace("+", "") : ""],
    [
      "Cost",
      usage
        .filter(({ price }) => Number(price) > 0)
        .map(money)
        .join(" + "),
    ],
    ["Reference", reference ?? ""],
    ["Batch", batch ?? "", `#/batches/${batch}`],
    ["Dispatch ID", uuid],
  ];
  return all.filter(([, value]) => value !== "");
}

/** @param {[string, string, string?]} fact */
function fact([name, value, link]) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, link ? h("a", { href: link }, value) : value));
}

/** @param {{entry: TimelineEntry, words: Badge, since: string}} item */
function line({ entry, words, since }) {
  const status = entry.event === "status" ? entry : null;
  return h(
    "li",
    { class: `tone-${words.tone}` },
    h("time", { datetime: entry.at, title: fullTime(entry.at) }, h("span", { class: "clock" }, clock(entry.at)), since),
    h(
      "div",
      {},
      h(
        "p",
        {},
        entry.step !== null &&
          h("span", { class: "number" }, h("span", { class: "unseen" }, "Step "), String(entry.step + 1)),
        ` ${words.text} `,
        status?.late && h("span", { class: "badge tone-late" }, "late"),
      ),
      status &&
        h(
          "details",
          {},
          h("summary", {}, "Webhook", h("span", { class: "unseen" }, ` “${status.status}”`)),
          h("pre", { tabindex: "0" }, JSON.stringify(status.raw, null, 2)),
        ),
    ),
  );
}
