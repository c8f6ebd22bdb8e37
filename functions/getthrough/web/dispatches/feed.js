/** Dispatches of one or more lists of the API as one, newest first: page by page, and kept fresh. */

/** @import { Api, Summary } from "../api/api.js" */

const PAGE = 20;
const MOST = 100;
/** So many pages are asked for at once while none has anything that is wanted. */
const PATIENCE = 5;

/**
 * @typedef {object} Source
 * @property {Record<string, string>} query   of GET /v1/dispatches
 * @property {(dispatch: Summary) => boolean} [only]   what the API cannot filter by
 */

/**
 * @typedef {object} Feed
 * @property {() => Promise<boolean>} refresh   looks for what is new; says whether there was anything
 * @property {() => Promise<void>} older   takes in the next page
 * @property {() => Summary[]} rows
 * @property {() => boolean} more   whether there are older ones
 * @property {() => boolean} answered   whether the API ever answered
 * @property {() => number} looked   how many were looked at, wanted or not
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
  if (lists.length === 1) return lists[0].rows();
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
  const smallest = only ? MOST : PAGE;
  /** @type {Summary[]} */
  let rows = [];
  /** @type {string | null} */
  let cursor = null;
  /** @type {string | null} */
  let etag = null;
  let asked = "";
  let answered = false;
  let looked = 0;

  /** @param {number} limit @param {string | null} [from] */
  function path(limit, from) {
    return `/v1/dispatches?${new URLSearchParams({ limit: String(limit), ...query, ...(from && { cursor: from }) })}`;
  }

  /** @param {Summary[]} found @param {string | null} next */
  function takeFirst(found, next) {
    const here = new Set(found.map(uuidOf));
    const last = rows.findLastIndex((dispatch) => here.has(uuidOf(dispatch)));
    const end = (next && found.at(-1)?.created_at) ?? "";
    if (only && answered)
      rows = [
        ...found.filter(only),
        ...rows.filter((dispatch) => !here.has(uuidOf(dispatch)) && dispatch.created_at <= end),
      ];
    else if (last >= 0 && next !== null)
      rows = [...found, ...rows.slice(last + 1)]; // what is missing above that one has left
    else [rows, cursor, looked] = [only ? found.filter(only) : found, next, found.length];
  }

  async function older() {
    for (let pages = 0, added = 0; cursor !== null && pages < PATIENCE && added === 0; pages++) {
      const from = cursor;
      const { body } = await api.get(path(smallest, from));
      if (cursor !== from) continue; // the list began anew meanwhile, or the page was asked for twice
      const known = new Set(rows.map(uuidOf));
      const found = /** @type {Summary[]} */ (body.dispatches);
      const fresh = found.filter((dispatch) => !known.has(uuidOf(dispatch)) && (!only || only(dispatch)));
      rows = [...rows, ...fresh];
      [cursor, looked, added] = [body.cursor, looked + found.length, fresh.length];
    }
  }

  return {
    async refresh() {
      const open = rows.findLastIndex((dispatch) => dispatch.outcome === null);
      const limit = Math.min(MOST, Math.max(smallest, Math.ceil((open + 1) / PAGE) * PAGE)); // what is under way is seen to end
      const page = await api.get(path(limit), path(limit) === asked ? etag : null);
      [asked, etag] = [path(limit), page.etag];
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

/** @param {Summary} dispatch */
function uuidOf(dispatch) {
  return dispatch.dispatch_uuid;
}
