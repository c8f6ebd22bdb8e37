/** One dispatch: its steps, their windows running down, and everything that happened, while it happens. */

import { announce, byId, h, reconcile, tell } from "./dom.js";
import { watch } from "./watch.js";
import { channelName, clock, duration, elapsed, eventWords, fullTime, headline, met, money, outcomeBadge, refusal, remarks, stepBadge, trouble } from "./words.js";

/** @import { Api, ApiError, Dispatch, Entry, Step } from "./api.js" */

const TICK = 250;
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
      tick();
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
    if (shown?.outcome) return pace(unchanged, [[5, 2_000], [15, 5_000], [60, 10_000]], 60_000); // it may still arrive late
    const usual = pace(unchanged, [[6, 1_000], [12, 2_000], [24, 5_000]], 10_000);
    const ends = shown?.steps.findLast((step) => step.window_ends_at)?.window_ends_at;
    const left = ends ? Date.parse(ends) - Date.now() - skew : Infinity;
    return left > -5_000 ? Math.max(1_000, Math.min(usual, left + TICK)) : usual;
  }

  /** Lets the windows run down. */
  function tick() {
    for (const counting of /** @type {NodeListOf<HTMLElement>} */ (byId("steps").querySelectorAll("[data-ends]"))) {
      const left = Math.max(0, (Date.parse(counting.dataset.ends ?? "") - Date.now() - skew) / 1000);
      const [bar, words] = counting.children;
      /** @type {HTMLProgressElement} */ (bar).value = left;
      const text = left > 0 ? `${duration(Math.ceil(left))} left` : "time is up";
      if (words.textContent !== text) words.textContent = text;
    }
  }

  byId("dispatch-body").hidden = true;
  tell(byId("dispatch-notice"), "Loading …");
  const ticking = setInterval(tick, TICK);
  const watching = watch(look, wait);
  return () => {
    open = false;
    clearInterval(ticking);
    watching.stop();
  };
}

/** @param {number} unchanged @param {[number, number][]} steps @param {number} slowest */
function pace(unchanged, steps, slowest) {
  return steps.find(([below]) => unchanged < below)?.[1] ?? slowest;
}

/** What is new since `before`, in words. @param {Dispatch} before @param {Dispatch} after */
function news(before, after) {
  const known = new Set(before.timeline.map(keyOf));
  return after.timeline.filter((entry) => !known.has(keyOf(entry))).map((entry) => eventWords(entry, after).text).join(" ");
}

/** @param {Entry} entry */
function keyOf({ at, step, event, status, outcome, field }) {
  return [at, step, event, status, outcome, field].join(" ");
}

/** @param {Dispatch} dispatch */
function draw(dispatch) {
  const badge = outcomeBadge(dispatch.outcome);
  byId("badge").textContent = badge.text;
  byId("badge").className = `badge tone-${badge.tone}`;
  byId("late").hidden = !dispatch.late;
  byId("headline").textContent = headline(dispatch);
  tell(byId("more-words"), remarks(dispatch));
  reconcile(byId("facts"), facts(dispatch), ([name]) => name, ([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
  const cards = dispatch.steps.map((step, index) => ({
    step,
    badge: stepBadge(step, dispatch),
    counts: dispatch.outcome === null && step.window_ends_at !== null && !dispatch.steps[index + 1]?.claimed_at,
    sameText: index > 0 && step.content.text === dispatch.steps[0].content.text,
  }));
  reconcile(byId("steps"), cards, ({ step }) => String(step.step), card);
  const seen = new Map();
  const lines = dispatch.timeline.map((entry) => {
    const cost = entry.usage && money(entry.usage);
    const told = cost !== null && seen.get(entry.step) === cost; // the same charge comes with more than one report
    if (cost) seen.set(entry.step, cost);
    return { entry, words: eventWords(told ? { ...entry, usage: null } : entry, dispatch), since: elapsed(dispatch.created_at, entry.at) };
  });
  reconcile(byId("events"), lines, ({ entry }) => keyOf(entry), line);
  byId("dispatch-body").hidden = false;
}

/** @param {Dispatch} dispatch @returns {[string, string][]} */
function facts({ created_at: at, client_ref: reference, usage, dispatch_uuid: uuid }) {
  return [
    ["Accepted", fullTime(at)],
    ["Cost", usage.filter(({ price }) => Number(price) > 0).map(money).join(" + ")],
    ["Your reference", reference ?? ""],
    ["Dispatch", uuid],
  ].filter(/** @returns {row is [string, string]} */ (row) => row[1] !== "");
}

/** @param {{step: Step, badge: import("./words.js").Badge, counts: boolean, sameText: boolean}} item */
function card({ step, badge, counts, sameText }) {
  const { text, ...others } = step.content;
  const more = Object.keys(others).length ? JSON.stringify(others, null, 2) : "";
  /** @type {[string, string | null][]} */
  const ids = [
    ["Our message id", step.message_uuid],
    ["Vonage’s message id", step.vonage_message_uuid],
    ["Sent", step.claimed_at && fullTime(step.claimed_at)],
    ["Tries", step.tries ? String(step.tries) : null],
    ["Cost", step.usage && money(step.usage)],
  ];
  return h("li", { class: `card step tone-${badge.tone}` },
    h("h3", {}, h("span", { class: "number" }, h("span", { class: "unseen" }, "Step "), String(step.step + 1)), ` ${channelName(step.channel)}`),
    h("p", { class: "address" }, step.to, h("span", { class: "hint" }, ` from ${step.from}`)),
    h("p", {}, h("span", { class: `badge tone-${badge.tone}` }, badge.text)),
    counts && h("p", { class: "countdown", "data-ends": step.window_ends_at },
      h("progress", { max: step.expiry_time, "aria-hidden": "true" }), h("span", { role: "timer" })),
    step.answer === "refused" && h("p", { class: "reason" }, refusal(step)),
    sameText ? h("p", { class: "hint" }, "The same text") : h("blockquote", {}, typeof text === "string" ? text : `(${step.message_type})`),
    h("p", { class: "hint" }, `Window: ${duration(step.expiry_time)} to be ${met(step.condition_status)}`),
    h("details", {}, h("summary", {}, "Details", h("span", { class: "unseen" }, ` of step ${step.step + 1}`)),
      h("dl", {}, ...ids.filter(([, value]) => value).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      more && h("pre", { tabindex: "0" }, more),
      step.problem && h("pre", { tabindex: "0" }, JSON.stringify(step.problem, null, 2))));
}

/** @param {{entry: Entry, words: import("./words.js").Badge, since: string}} item */
function line({ entry, words, since }) {
  return h("li", { class: `tone-${words.tone}` },
    h("time", { datetime: entry.at, title: fullTime(entry.at) }, h("span", { class: "clock" }, clock(entry.at)), since),
    h("div", {},
      h("p", {},
        entry.step !== null && h("span", { class: "number" }, h("span", { class: "unseen" }, "Step "), String(entry.step + 1)),
        ` ${words.text} `,
        entry.late && h("span", { class: "badge tone-late" }, "late")),
      entry.raw !== undefined && h("details", {}, h("summary", {}, "Webhook", h("span", { class: "unseen" }, ` “${entry.status}”`)),
        h("pre", { tabindex: "0" }, JSON.stringify(entry.raw, null, 2)))));
}
