/** A list of dispatches: kept current, but nothing moves while it is being read; older ones on request. */

import { watch } from "../api/watch.js";
import { channelName } from "../channels/channels.js";
import { announce, h, reconcile, tell } from "../elements/dom.js";
import { fullTime, outcomeBadge, trouble, when } from "../text/words.js";
import { openFeed } from "./feed.js";

/** @import { DispatchSummary } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Feed, Source } from "./feed.js" */
/** @import { Watch } from "../api/watch.js" */

/**
 * @typedef {object} Places   the elements of a list
 * @property {HTMLElement} rows
 * @property {HTMLElement} news   a button: shows new dispatches
 * @property {HTMLElement} more   a button: shows older ones
 * @property {HTMLElement} notice
 */

/** @typedef {{summary: DispatchSummary, time: string, here: boolean}} Item */

/**
 * Shows the dispatches of these sources until it is stopped.
 * @param {Api} api
 * @param {Source[]} sources
 * @param {Places} places
 * @param {{current?: () => string | null, drawn?: (feed: Feed) => void}} [options]   the open dispatch; a callback after each drawing
 * @returns {Watch & {mark: () => void}}
 */
export function openRows(api, sources, places, { current = () => null, drawn = () => {} } = {}) {
  const { rows, news, more, notice } = places;
  const feed = openFeed(api, sources);
  const zone = /** @type {HTMLElement} */ (rows.parentElement); // with the button that shows new dispatches
  /** @type {DispatchSummary[]} */
  let shown = [];
  let stopped = false;
  let announced = false;
  let unseen = false;

  async function look() {
    unseen = !notice.parentElement?.checkVisibility();
    if (unseen) return false; // another view is shown
    try {
      const changed = await feed.refresh();
      if (stopped) return false;
      tell(notice, "");
      draw(!reading());
      return changed;
    } catch (error) {
      showTrouble(error, "load");
      return false;
    }
  }

  /** Whether the list is being read or has the focus, so that nothing may move. */
  function reading() {
    return zone.contains(document.activeElement) || zone.matches(":hover") || zone.getBoundingClientRect().top < 0;
  }

  async function older() {
    if (more.hasAttribute("aria-disabled")) return;
    const before = new Set(feed.rows().map(uuidOf));
    more.setAttribute("aria-disabled", "true");
    try {
      await feed.older();
      if (stopped) return;
      tell(notice, "");
      draw(true);
      const added = feed.rows().find((dispatch) => !before.has(uuidOf(dispatch)));
      if (added) link(added)?.focus();
      else announce("No older messages were found.");
    } catch (error) {
      showTrouble(error, "change");
    } finally {
      more.removeAttribute("aria-disabled");
    }
  }

  function showNews() {
    draw(true);
    rows.scrollIntoView({ block: "nearest" });
    if (shown[0]) link(shown[0])?.focus();
  }

  /** @param {unknown} error @param {"load" | "change"} attempt */
  function showTrouble(error, attempt) {
    if (!stopped) tell(notice, trouble(/** @type {ApiError} */ (error), attempt));
  }

  /** @param {DispatchSummary} dispatch @returns {HTMLElement | null} */
  function link({ dispatch_uuid: uuid }) {
    return rows.querySelector(`a[href="#/dispatches/${uuid}"]`);
  }

  /** Updates the list; unless `all`, no row appears, disappears or moves. @param {boolean} all */
  function draw(all) {
    const latest = feed.rows();
    const now = new Map(latest.map((dispatch) => [uuidOf(dispatch), dispatch]));
    shown = all || shown.length === 0 ? latest : shown.map((dispatch) => now.get(uuidOf(dispatch)) ?? dispatch);
    offerNews(latest);
    more.hidden = !feed.more();
    const today = new Date();
    const items = shown.map((summary) => ({
      summary,
      time: when(summary.created_at, today),
      here: uuidOf(summary) === current(),
    }));
    reconcile(rows, items, ({ summary }) => uuidOf(summary), row);
    drawn(feed);
  }

  /** @param {DispatchSummary[]} latest */
  function offerNews(latest) {
    const known = new Set(shown.map(uuidOf));
    const fresh = latest.filter((dispatch) => !known.has(uuidOf(dispatch))).length;
    const still = latest.length === shown.length && fresh === 0;
    news.textContent = fresh ? `Show ${fresh} new` : "Refresh";
    news.hidden = still;
    if (!still && !announced) announce(fresh ? "There are new messages." : "The list has changed.");
    announced = !still;
  }

  more.onclick = older;
  news.onclick = showNews;
  zone.onpointerleave = () => draw(!reading());
  rows.replaceChildren();
  news.hidden = more.hidden = true;
  const slower = sources.length > 1 ? 3 : 1; // each source is a request
  const watching = watch(
    look,
    (unchanged) => slower * (shown.some((dispatch) => dispatch.outcome === null) && unchanged < 12 ? 5_000 : 15_000),
  );
  return {
    now: watching.now,
    stop() {
      stopped = true;
      watching.stop();
    },
    mark() {
      draw(!reading());
      if (unseen) watching.now();
    },
  };
}

/** @param {DispatchSummary} dispatch */
function uuidOf(dispatch) {
  return dispatch.dispatch_uuid;
}

/** @param {Item} item */
export function row({ summary, time, here }) {
  const {
    dispatch_uuid: uuid,
    created_at: at,
    client_ref: reference,
    canary,
    late,
    steps_total: total,
    steps_sent: sent,
  } = summary;
  const badge = outcomeBadge(summary.outcome);
  return h(
    "li",
    {},
    h(
      "a",
      { href: `#/dispatches/${uuid}`, class: "row", "aria-current": here ? "page" : null },
      h(
        "span",
        {},
        h("time", { datetime: at, title: fullTime(at) }, time),
        h(
          "span",
          { class: "badges" },
          canary && h("span", { class: "badge" }, "canary"),
          late && h("span", { class: "badge tone-late" }, "late"),
          h("span", { class: `badge tone-${badge.tone}` }, badge.text),
        ),
      ),
      h(
        "span",
        {},
        h(
          "span",
          { class: "chain" },
          ...chain(summary),
          reference && h("span", { class: "hint reference" }, h("span", { class: "unseen" }, "Reference "), reference),
        ),
        total > 1 && h("span", { class: "hint" }, `${sent} of ${total} steps sent`),
      ),
    ),
  );
}

/** Its contacts in order, paler if nothing was sent to them yet: SMS 447700900001 → WhatsApp 447700900002. @param {DispatchSummary} summary */
function chain({ to, steps_sent: sent }) {
  return to.flatMap(({ channel, address }, index) => {
    const again = to[index + 1]?.address === address; // a repeated address appears once, after its last channel
    const contact = h(
      "span",
      { class: index > 0 && index >= sent ? "unsent" : null },
      h("b", {}, channelName(channel)),
      again ? "" : ` ${address}`,
    );
    return index ? [" → ", contact] : [contact];
  });
}
