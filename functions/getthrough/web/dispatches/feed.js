/** The API's lists of dispatches, one or several merged into one, newest first. */

import { mergedPaged, openPaged } from "../lists/paged.js";

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
    openPaged(
      async (asked, etag) => {
        const answer = await api.getIfChanged("/v1/dispatches", etag, { query: { ...query, ...asked } });
        return {
          page: answer.body && { items: answer.body.dispatches, cursor: answer.body.cursor },
          etag: answer.etag,
        };
      },
      // most of those for a contact match
      { ...KIND, ...(only && { only }), ...(only && !query.address && { pageSize: LARGEST_PAGE }) },
    ),
  );
  return mergedPaged(lists, KIND);
}
