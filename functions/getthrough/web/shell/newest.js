/** The newest dispatches, beside the form and beside an open dispatch. */

import { openRows } from "../dispatches/rows.js";
import { byId } from "../elements/dom.js";

/** @import { Api } from "../api/api.js" */

/**
 * Shows the list until it is stopped. `current` names the dispatch that is open.
 * @param {Api} api
 * @param {() => string | null} current
 */
export function openList(api, current) {
  const places = { rows: byId("rows"), news: byId("newest-news"), more: byId("more"), notice: byId("newest-notice") };
  return openRows(api, [{ query: {} }], places, {
    current,
    drawn: (feed) => {
      byId("newest-empty").hidden = !feed.answered() || feed.rows().length > 0;
    },
  });
}
