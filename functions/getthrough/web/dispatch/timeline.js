/** One dispatch: its steps, their windows running down, and everything that happened, while it happens. */

import { watch } from "../api/watch.js";
import { asking } from "../elements/confirm.js";
import { announce, byId, h, reconcile, tell } from "../elements/dom.js";
import { clock, elapsed, fullTime, money, outcomeBadge, trouble } from "../text/words.js";
import { eventWords, headline, remarks } from "./dispatch_words.js";
import { keyOf } from "./lane_facts.js";
import { openLanes } from "./lanes.js";

/** @import { Api, ApiError, Dispatch, Entry } from "../api/api.js" */

const TICK = 100;
const CALM_TICK = 1_000;
const SKEW = 2_000; // the server's Date header has whole seconds: less than this is no difference between the clocks

/**
 * Shows the dispatch until it is stopped. `changed` is called when the dispatch did.
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
  const serverNow = () => Date.now() + skew;
  const picture = openLanes(serverNow);

  async function look() {
    try {
      const asked = await api.dispatch(uuid, etag);
      if (!open) return false;
      etag = asked.etag;
      skew = Math.abs(asked.now - Date.now()) > SKEW ? asked.now - Date.now() : 0;
      tell(byId("dispatch-notice"), "");
      if (!asked.dispatch || JSON.stringify(asked.dispatch) === JSON.stringify(shown)) return false;
      const before = shown;
      shown = asked.dispatch;
      draw(shown);
      picture.show(shown);
      if (before) announce(news(before, shown));
      else byId("headline").focus();
      changed();
      return true;
    } catch (error) {
      if (open) tell(byId("dispatch-notice"), trouble(/** @type {ApiError} */ (error), "look"));
      return false;
    }
  }

  /** @param {number} unchanged */
  function wait(unchanged) {
    if (shown?.outcome)
      return pace(
        unchanged,
        [
          [5, 2_000],
          [15, 5_000],
          [60, 10_000],
        ],
        60_000,
      ); // it may still arrive late
    const usual = pace(
      unchanged,
      [
        [6, 1_000],
        [12, 2_000],
        [24, 5_000],
      ],
      10_000,
    );
    const ends = shown?.steps.findLast((step) => step.window_ends_at)?.window_ends_at;
    const left = ends ? Date.parse(ends) - Date.now() - skew : Infinity;
    return left > -5_000 ? Math.max(1_000, Math.min(usual, left + TICK)) : usual;
  }

  const unask = asking(byId("stop-dispatch"), "Stop this dispatch", "Really stop it?", async () => {
    try {
      await api.delete(`/v1/dispatches/${encodeURIComponent(uuid)}`);
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
    unask();
    watching.stop();
  };
}

/** Whether the reader wants little to move. */
function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** @param {number} unchanged @param {[number, number][]} steps @param {number} slowest */
function pace(unchanged, steps, slowest) {
  return steps.find(([below]) => unchanged < below)?.[1] ?? slowest;
}

/** What is new since `before`, in words. @param {Dispatch} before @param {Dispatch} after */
function news(before, after) {
  const known = new Set(before.timeline.map(keyOf));
  return after.timeline
    .filter((entry) => !known.has(keyOf(entry)))
    .map((entry) => eventWords(entry, after).text)
    .join(" ");
}

/** @param {Dispatch} dispatch */
function draw(dispatch) {
  const badge = outcomeBadge(dispatch.outcome);
  byId("badge").textContent = badge.text;
  byId("badge").className = `badge tone-${badge.tone}`;
  byId("late").hidden = !dispatch.late;
  byId("headline").textContent = headline(dispatch);
  tell(byId("more-words"), remarks(dispatch));
  reconcile(byId("facts"), facts(dispatch), ([name]) => name, fact);
  const seen = new Map();
  const lines = dispatch.timeline.map((entry) => {
    const cost = entry.usage && money(entry.usage);
    const told = cost !== null && seen.get(entry.step) === cost; // the same charge comes with more than one report
    if (cost) seen.set(entry.step, cost);
    return {
      entry,
      words: eventWords(told ? { ...entry, usage: null } : entry, dispatch),
      since: elapsed(dispatch.created_at, entry.at),
    };
  });
  reconcile(byId("events"), lines, ({ entry }) => keyOf(entry), line);
  const open = dispatch.outcome === null;
  byId("stopping").hidden = !open;
  const unsent = dispatch.steps.filter((step) => !step.claimed_at).length;
  byId("stop-words").textContent =
    unsent === dispatch.steps.length
      ? "Nothing has been sent yet. If you stop it, nothing will be."
      : unsent
        ? "What is out may still arrive; no further step is sent."
        : "The last step is out: it may still arrive.";
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
    ["To be sent", sendAt && !first ? fullTime(sendAt) : ""],
    ["Was to be sent", sendAt && first ? fullTime(sendAt) : ""],
    ["Held until", held ? fullTime(held) : ""],
    ["Over after", first && over ? elapsed(first.at, over.at).replace("+", "") : ""],
    [
      "Cost",
      usage
        .filter(({ price }) => Number(price) > 0)
        .map(money)
        .join(" + "),
    ],
    ["Your reference", reference ?? ""],
    ["Batch", batch ?? "", `#/batches/${batch}`],
    ["Dispatch", uuid],
  ];
  return all.filter(([, value]) => value !== "");
}

/** @param {[string, string, string?]} fact */
function fact([name, value, link]) {
  return h("div", {}, h("dt", {}, name), h("dd", {}, link ? h("a", { href: link }, value) : value));
}

/** @param {{entry: Entry, words: import("../text/words.js").Badge, since: string}} item */
function line({ entry, words, since }) {
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
        entry.late && h("span", { class: "badge tone-late" }, "late"),
      ),
      entry.raw !== undefined &&
        h(
          "details",
          {},
          h("summary", {}, "Webhook", h("span", { class: "unseen" }, ` “${entry.status}”`)),
          h("pre", { tabindex: "0" }, JSON.stringify(entry.raw, null, 2)),
        ),
    ),
  );
}
