/** The API's lists of dispatches, one or several merged into one, newest first. */

import { mergedPaged, openPaged, pagesOf } from "../lists/paged.js";

/** @import { DispatchSummary, paths } from "#api" */
/** @import { Api } from "../api/api.js" */
/** @import { Kind, Paged } from "../lists/paged.js" */

const LARGEST_PAGE = 100;

/** @typedef {NonNullable<paths["/v1/dispatches"]["get"]["parameters"]["query"]>} ListQuery */

/**
 * @typedef {object} Source
 * @property {ListQuery} query
 * @property {(dispatch: DispatchSummary) => boolean} [only]   a filter that the API lacks
 */

/** @typedef {Paged<DispatchSummary>} Feed */

/** @type {Kind<DispatchSummary>} */
const KIND = {
  keyOf: (dispatch) => dispatch.dispatch_uuid,
  atOf: (dispatch) => dispatch.created_at,
  open: (dispatch) => dispatch.outcome === null, // all open dispatches are followed to their end
};

/** @param {Api} api @param {Source[]} sources @returns {Feed} */
export function openFeed(api, sources) {
  const lists = sources.map(({ query, only }) =>
    openPaged(pagesOf(api, "/v1/dispatches", "dispatches", { query }), {
      ...KIND,
      ...(only && { only }),
      ...(only && !query.address && { pageSize: LARGEST_PAGE }), // most of those for a contact match
    }),
  );
  return mergedPaged(lists, KIND);
}
