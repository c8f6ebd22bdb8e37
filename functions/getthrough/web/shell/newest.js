/** The list of the newest messages, beside the form and beside an open message. */

import { openRows } from "../dispatches/rows.js";
import { byId } from "../elements/dom.js";

/** @import { Api } from "../api/api.js" */

/**
 * Shows the list until it is stopped. `current` returns the open dispatch.
 * @param {Api} api
 * @param {() => string | null} current
 */
export function openNewest(api, current) {
  const places = { rows: byId("rows"), news: byId("newest-news"), more: byId("more"), notice: byId("newest-notice") };
  return openRows(api, [{ query: {} }], places, {
    current,
    drawn: (feed) => {
      byId("newest-empty").hidden = !feed.answered() || feed.rows().length > 0;
    },
  });
}
