/** A list of dispatches on the page: kept fresh, and still while somebody reads it; older ones on request. */

import { watch } from "../api/watch.js";
import { announce, h, reconcile, tell } from "../elements/dom.js";
import { channelName, fullTime, outcomeBadge, trouble, when } from "../text/words.js";
import { openFeed } from "./feed.js";

/** @import { Api, ApiError, Summary } from "../api/api.js" */
/** @import { Feed, Source } from "./feed.js" */
/** @import { Watch } from "../api/watch.js" */

/**
 * @typedef {object} Places   where a list stands on the page
 * @property {HTMLElement} rows
 * @property {HTMLElement} news   a button: shows what came meanwhile
 * @property {HTMLElement} more   a button: shows older ones
 * @property {HTMLElement} notice
 */

/** @typedef {{summary: Summary, time: string, here: boolean}} Item */

/**
 * Shows the dispatches of these sources until it is stopped.
 * @param {Api} api
 * @param {Source[]} sources
 * @param {Places} places
 * @param {{current?: () => string | null, drawn?: (feed: Feed) => void}} [options]   which dispatch is open; told after each drawing
 * @returns {Watch & {mark: () => void}}
 */
export function openRows(api, sources, places, { current = () => null, drawn = () => {} } = {}) {
  const { rows, news, more, notice } = places;
  const feed = openFeed(api, sources);
  const zone = /** @type {HTMLElement} */ (rows.parentElement); // with the button that shows what is new
  /** @type {Summary[]} */
  let shown = [];
  let stopped = false;
  let told = false;
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
      complain(error, "look");
      return false;
    }
  }

  /** Somebody has the list before the eyes, or the keyboard in it: nothing may move. */
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
      else announce("No older ones were found.");
    } catch (error) {
      complain(error, "change");
    } finally {
      more.removeAttribute("aria-disabled");
    }
  }

  function showNews() {
    draw(true);
    rows.scrollIntoView({ block: "nearest" });
    if (shown[0]) link(shown[0])?.focus();
  }

  /** @param {unknown} error @param {"look" | "change"} wish   a look is tried again by itself */
  function complain(error, wish) {
    if (!stopped) tell(notice, trouble(/** @type {ApiError} */ (error), wish));
  }

  /** @param {Summary} dispatch @returns {HTMLElement | null} */
  function link({ dispatch_uuid: uuid }) {
    return rows.querySelector(`a[href="#/dispatches/${uuid}"]`);
  }

  /** Brings the list up to date; unless `all`, no row comes, goes or moves. @param {boolean} all */
  function draw(all) {
    const latest = feed.rows();
    const now = new Map(latest.map((dispatch) => [uuidOf(dispatch), dispatch]));
    shown = all || shown.length === 0 ? latest : shown.map((dispatch) => now.get(uuidOf(dispatch)) ?? dispatch);
    tellNews(latest);
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

  /** @param {Summary[]} latest */
  function tellNews(latest) {
    const known = new Set(shown.map(uuidOf));
    const fresh = latest.filter((dispatch) => !known.has(uuidOf(dispatch))).length;
    const still = latest.length === shown.length && fresh === 0;
    news.textContent = fresh ? `Show ${fresh} new` : "Bring up to date";
    news.hidden = still;
    if (!still && !told) announce(fresh ? "There are new dispatches." : "The list has changed.");
    told = !still;
  }

  more.onclick = older;
  news.onclick = showNews;
  zone.onpointerleave = () => draw(!reading());
  rows.replaceChildren();
  news.hidden = more.hidden = true;
  const slower = sources.length > 1 ? 3 : 1; // it asks once for each of them
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

/** @param {Summary} dispatch */
function uuidOf(dispatch) {
  return dispatch.dispatch_uuid;
}

/** @param {Item} item */
export function row({ summary, time, here }) {
  const {
    dispatch_uuid: uuid,
    created_at: at,
    client_ref: reference,
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
          reference &&
            h("span", { class: "hint reference" }, h("span", { class: "unseen" }, "Your reference "), reference),
        ),
        total > 1 && h("span", { class: "hint" }, `${sent} of ${total} steps sent`),
      ),
    ),
  );
}

/** Its contacts in order, those that got nothing (yet) less plain: SMS 447700900001 → WhatsApp 447700900002. @param {Summary} summary */
function chain({ to, steps_sent: sent }) {
  return to.flatMap(({ channel, address }, index) => {
    const again = to[index + 1]?.address === address; // the address is told once, behind its last channel
    const contact = h(
      "span",
      { class: index > 0 && index >= sent ? "unsent" : null },
      h("b", {}, channelName(channel)),
      again ? "" : ` ${address}`,
    );
    return index ? [" → ", contact] : [contact];
  });
}
