/** Reads the figures of a day. */

import { TIME_ZONE } from "../time/days.js";

/** @import { Api } from "../api/api.js" */

/** What reads the figures of a day as it is here, if they have changed. @param {Api} api @param {string} date */
export function readDay(api, date) {
  return (/** @type {string | null} */ etag) =>
    api.getIfChanged("/v1/days/{date}", etag, { path: { date }, query: { time_zone: TIME_ZONE } });
}
