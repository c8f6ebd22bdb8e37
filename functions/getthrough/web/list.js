/** The newest dispatches, kept fresh; older ones on request. */

import { byId, h, reconcile, tell } from "./dom.js";
import { watch } from "./watch.js";
import { channelName, fullTime, outcomeBadge, trouble, when } from "./words.js";

/** @import { Api, ApiError, Summary } from "./api.js" */
/** @import { Watch } from "./watch.js" */

const PAGE = 20;

/**
 * Shows the list until it is stopped. `current` names the dispatch that is open.
 * @param {Api} api
 * @param {() => string | null} current
 * @returns {Watch & {mark: () => void}}
 */
export function openList(api, current) {
  /** @type {Summary[]} */
  let shown = [];
  /** @type {string | null} */
  let cursor = null;
  let answered = false;

  async function refresh() {
    try {
      const page = await api.list(PAGE);
      const known = page.dispatches.map((dispatch) => dispatch.dispatch_uuid);
      const older = shown.filter((dispatch) => !known.includes(dispatch.dispatch_uuid));
      const seamless = older.length < shown.length;
      const before = JSON.stringify(shown);
      shown = seamless ? [...page.dispatches, ...older] : page.dispatches;
      if (!seamless) cursor = page.cursor;
      answered = true;
      tell(byId("newest-notice"), "");
      draw();
      return before !== JSON.stringify(shown);
    } catch (error) {
      tell(byId("newest-notice"), trouble(/** @type {ApiError} */ (error), "look"));
      return false;
    }
  }

  async function more() {
    try {
      const page = await api.list(PAGE, cursor);
      const known = new Set(shown.map((dispatch) => dispatch.dispatch_uuid));
      const added = page.dispatches.filter((dispatch) => !known.has(dispatch.dispatch_uuid));
      shown = [...shown, ...added];
      cursor = page.cursor;
      tell(byId("newest-notice"), "");
      draw();
      if (added[0]) byId(`row-${added[0].dispatch_uuid}`).focus();
    } catch (error) {
      tell(byId("newest-notice"), trouble(/** @type {ApiError} */ (error), "look"));
    }
  }

  function draw() {
    const today = new Date();
    byId("newest-empty").hidden = !answered || shown.length > 0;
    byId("more").hidden = cursor === null;
    const rows = shown.map((summary) => ({ summary, time: when(summary.created_at, today), here: summary.dispatch_uuid === current() }));
    reconcile(byId("rows"), rows, (item) => item.summary.dispatch_uuid, row);
  }

  byId("more").onclick = more;
  const watching = watch(refresh, (unchanged) => (shown.some((dispatch) => dispatch.outcome === null) && unchanged < 12 ? 5_000 : 15_000));
  return { ...watching, mark: draw };
}

/** @param {{summary: Summary, time: string, here: boolean}} item */
function row({ summary, time, here }) {
  const { dispatch_uuid: uuid, created_at: at, to, steps_total: total, steps_sent: sent } = summary;
  const badge = outcomeBadge(summary.outcome);
  return h("li", {},
    h("a", { href: `#/dispatches/${uuid}`, id: `row-${uuid}`, class: "row", "aria-current": here ? "page" : null },
      h("span", {}, h("time", { datetime: at, title: fullTime(at) }, time),
        h("span", { class: "badges" }, summary.late && h("span", { class: "badge tone-late" }, "late"),
          h("span", { class: `badge tone-${badge.tone}` }, badge.text))),
      h("span", {}, h("span", {}, h("b", {}, channelName(to[0].channel)), ` ${to[0].address}`),
        h("span", { class: "hint" }, total === 1 ? "one step" : `${sent} of ${total} steps sent`))));
}
