/** Merges one or more of the API's lists of dispatches into one, newest first, page by page, and keeps it current. */

/** @import { DispatchSummary, paths } from "#api" */
/** @import { Api } from "../api/api.js" */

const PAGE_SIZE = 20;
const LARGEST_PAGE = 100;
/** The most pages to read at once while none has a matching dispatch. */
const MOST_PAGES = 5;

/** @typedef {NonNullable<paths["/v1/dispatches"]["get"]["parameters"]["query"]>} ListQuery */

/**
 * @typedef {object} Source
 * @property {ListQuery} query
 * @property {(dispatch: DispatchSummary) => boolean} [only]   a filter that the API lacks
 */

/**
 * @typedef {object} Feed
 * @property {() => Promise<boolean>} refresh   reads the newest dispatches; returns whether anything changed
 * @property {() => Promise<void>} older   reads the next page
 * @property {() => DispatchSummary[]} rows
 * @property {() => boolean} more   whether there are older ones
 * @property {() => boolean} answered   whether the API ever answered
 * @property {() => number} looked   how many were read, matching or not
 */

/**
 * @param {Api} api
 * @param {Source[]} sources
 * @returns {Feed}
 */
export function openFeed(api, sources) {
  const lists = sources.map((source) => openOne(api, source));
  const rows = () => merged(lists);
  return {
    async refresh() {
      const changed = await Promise.all(lists.map((list) => list.refresh()));
      return changed.some(Boolean);
    },
    async older() {
      await Promise.all(lists.filter((list) => list.more()).map((list) => list.older()));
    },
    rows,
    more: () => lists.some((list) => list.more()),
    answered: () => lists.every((list) => list.answered()),
    looked: () => lists.reduce((sum, list) => sum + list.looked(), 0),
  };
}

/** Newest first, each once, as far back as all lists go. @param {Feed[]} lists */
function merged(lists) {
  const [first, ...others] = lists;
  if (first && !others.length) return first.rows();
  const end =
    lists
      .filter((list) => list.more())
      .map((list) => list.rows().at(-1)?.created_at ?? "")
      .sort()
      .at(-1) ?? "";
  const each = new Map(lists.flatMap((list) => list.rows()).map((dispatch) => [dispatch.dispatch_uuid, dispatch]));
  return [...each.values()]
    .filter(({ created_at: at }) => at >= end)
    .sort((one, other) => (one.created_at < other.created_at ? 1 : -1));
}

/** @param {Api} api @param {Source} source @returns {Feed} */
function openOne(api, { query, only }) {
  const smallest = only && !query.address ? LARGEST_PAGE : PAGE_SIZE; // most of those for a contact match
  /** @type {DispatchSummary[]} */
  let rows = [];
  /** @type {string | null} */
  let cursor = null;
  /** @type {string | null} */
  let etag = null;
  let lastLimit = 0;
  let answered = false;
  let looked = 0;

  /** @param {DispatchSummary[]} found @param {string | null} next */
  function takeFirst(found, next) {
    const here = new Set(found.map(uuidOf));
    const last = rows.findLastIndex((dispatch) => here.has(uuidOf(dispatch)));
    const end = (next && found.at(-1)?.created_at) ?? "";
    if (only && answered) {
      const kept = rows.filter((dispatch) => !here.has(uuidOf(dispatch)) && dispatch.created_at <= end);
      rows = [...found.filter(only), ...kept];
    } else if (last >= 0 && next !== null) {
      rows = [...found, ...rows.slice(last + 1)]; // rows missing above that one no longer match
    } else [rows, cursor, looked] = [only ? found.filter(only) : found, next, found.length];
  }

  async function older() {
    for (let pages = 0, added = 0; cursor !== null && pages < MOST_PAGES && added === 0; pages++) {
      const from = cursor;
      const { body } = await api.get("/v1/dispatches", { query: { limit: smallest, ...query, cursor: from } });
      if (cursor !== from) continue; // the list started again meanwhile, or the page was requested twice
      const known = new Set(rows.map(uuidOf));
      const fresh = body.dispatches.filter((dispatch) => !known.has(uuidOf(dispatch)) && (!only || only(dispatch)));
      rows = [...rows, ...fresh];
      [cursor, looked, added] = [body.cursor, looked + body.dispatches.length, fresh.length];
    }
  }

  return {
    async refresh() {
      const open = rows.findLastIndex((dispatch) => dispatch.outcome === null);
      const needed = Math.ceil((open + 1) / PAGE_SIZE) * PAGE_SIZE; // all open dispatches are followed to their end
      const limit = Math.min(LARGEST_PAGE, Math.max(smallest, needed));
      const known = limit === lastLimit ? etag : null;
      const page = await api.getIfChanged("/v1/dispatches", known, { query: { limit, ...query } });
      [lastLimit, etag] = [limit, page.etag];
      if (!page.body) return false;
      const before = JSON.stringify(rows);
      takeFirst(page.body.dispatches, page.body.cursor);
      if (!answered && !rows.length) await older();
      answered = true;
      return before !== JSON.stringify(rows);
    },
    older,
    rows: () => rows,
    more: () => cursor !== null,
    answered: () => answered,
    looked: () => looked,
  };
}

/** @param {DispatchSummary} dispatch */
function uuidOf(dispatch) {
  return dispatch.dispatch_uuid;
}
