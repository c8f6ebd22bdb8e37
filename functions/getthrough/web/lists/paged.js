/**
 * A list of the API that comes in pages, newest first: read page by page, kept current, and never torn apart by what is
 * new. Pure: what it reads with is handed in.
 */

/** @import { Api, Asked, Operation, Path, Success } from "../api/api.js" */

const PAGE_SIZE = 20;
const LARGEST_PAGE = 100;
/** The most pages to read at once while none has a matching item. */
const MOST_PAGES = 5;

/**
 * @template T
 * @typedef {object} Page
 * @property {T[]} items
 * @property {string | null} cursor
 * @property {unknown} [body]   the whole answer
 */

/**
 * Reads a page; its body is null if `etag` is still right.
 * @template T
 * @typedef {(asked: {limit: number, cursor?: string}, etag: string | null) => Promise<{page: Page<T> | null, etag: string | null}>} ReadPage
 */

/**
 * @template T
 * @typedef {object} Kind   what a list must know of its items
 * @property {(item: T) => string} keyOf
 * @property {(item: T) => string} atOf   its time, by which the list is ordered
 * @property {(item: T) => boolean} [only]   a filter that the API lacks
 * @property {(item: T) => boolean} [open]   it still changes, so it is read again until it does not
 * @property {number} [pageSize]
 */

/**
 * @template T
 * @typedef {object} Paged
 * @property {() => Promise<boolean>} refresh   reads the newest items; returns whether anything changed
 * @property {() => Promise<void>} older   reads the next page
 * @property {() => T[]} rows
 * @property {(changed: T) => void} put   shows what a change of one item has answered
 * @property {() => unknown} body   the newest answer to the first page, whole
 * @property {() => boolean} more   whether there are older ones
 * @property {() => boolean} answered   whether the API ever answered
 * @property {() => number} looked   how many were read, matching or not
 */

/**
 * Reads the pages of a path of the API. The items of a page are those of this name.
 * @template {Path<"get">} P
 * @template {keyof Success<Operation<"get", P>>} K
 * @param {Api} api @param {P} path @param {K} name @param {Asked<Operation<"get", P>>} [rest]   what else is asked
 * @returns {ReadPage<Success<Operation<"get", P>>[K] extends (infer T)[] ? T : never>}
 */
export function pagesOf(api, path, name, rest) {
  return async (asked, etag) => {
    const { query, ...others } = /** @type {any} */ (rest ?? {});
    const { body, etag: tag } = await api.getIfChanged(path, etag, { ...others, query: { ...query, ...asked } });
    const page = /** @type {any} */ (body);
    return { page: page && { items: page[name], cursor: page.cursor, body }, etag: tag };
  };
}

/**
 * @template T
 * @param {ReadPage<T>} read
 * @param {Kind<T>} kind
 * @returns {Paged<T>}
 */
export function openPaged(read, { keyOf, atOf, only, open = () => false, pageSize = PAGE_SIZE }) {
  /** @type {T[]} */
  let rows = [];
  /** @type {string | null} */
  let cursor = null;
  /** @type {string | null} */
  let etag = null;
  let lastLimit = 0;
  let answered = false;
  let looked = 0;
  /** @type {unknown} */
  let body = null;

  /** @param {Page<T>} page */
  function takeFirst({ items, cursor: next }) {
    const here = new Set(items.map(keyOf));
    const last = rows.findLastIndex((item) => here.has(keyOf(item)));
    const final = items.at(-1);
    const end = next && final ? atOf(final) : "";
    if (only && answered) {
      const kept = rows.filter((item) => !here.has(keyOf(item)) && atOf(item) <= end);
      rows = [...items.filter(only), ...kept];
    } else if (last >= 0 && last < rows.length - 1 && next !== null) {
      rows = [...items, ...rows.slice(last + 1)]; // rows missing above that one no longer match
    } else [rows, cursor, looked] = [only ? items.filter(only) : items, next, items.length];
  }

  async function older() {
    for (let pages = 0, added = 0; cursor !== null && pages < MOST_PAGES && added === 0; pages++) {
      const from = cursor;
      const { page } = await read({ limit: pageSize, cursor: from }, null);
      if (cursor !== from || !page) continue; // the list started again meanwhile, or the page was requested twice
      const known = new Set(rows.map(keyOf));
      const fresh = page.items.filter((item) => !known.has(keyOf(item)) && (!only || only(item)));
      rows = [...rows, ...fresh];
      [cursor, looked, added] = [page.cursor, looked + page.items.length, fresh.length];
    }
  }

  return {
    async refresh() {
      const needed = Math.ceil((rows.findLastIndex(open) + 1) / pageSize) * pageSize;
      const limit = Math.min(LARGEST_PAGE, Math.max(pageSize, needed));
      const answer = await read({ limit }, limit === lastLimit ? etag : null);
      [lastLimit, etag] = [limit, answer.etag];
      if (!answer.page) return false;
      const before = JSON.stringify([rows, cursor !== null]);
      body = answer.page.body;
      takeFirst(answer.page);
      if (!answered && !rows.length) await older();
      answered = true;
      return before !== JSON.stringify([rows, cursor !== null]);
    },
    older,
    rows: () => rows,
    put(changed) {
      rows = rows.map((item) => (keyOf(item) === keyOf(changed) ? changed : item));
    },
    body: () => body,
    more: () => cursor !== null,
    answered: () => answered,
    looked: () => looked,
  };
}

/**
 * Several lists as one: newest first, each item once, as far back as all of them go.
 * @template T
 * @param {Paged<T>[]} lists
 * @param {Kind<T>} kind
 * @returns {Paged<T>}
 */
export function mergedPaged(lists, { keyOf, atOf }) {
  const [only, ...others] = lists;
  if (only && !others.length) return only;
  function rows() {
    const ends = lists.filter((list) => list.more()).map((list) => list.rows().at(-1));
    const end =
      ends
        .map((item) => (item === undefined ? "" : atOf(item)))
        .sort()
        .at(-1) ?? "";
    const each = new Map(lists.flatMap((list) => list.rows()).map((item) => [keyOf(item), item]));
    return [...each.values()].filter((item) => atOf(item) >= end).sort((one, two) => (atOf(one) < atOf(two) ? 1 : -1));
  }
  return {
    refresh: async () => (await Promise.all(lists.map((list) => list.refresh()))).some(Boolean),
    async older() {
      await Promise.all(lists.filter((list) => list.more()).map((list) => list.older()));
    },
    rows,
    put(changed) {
      for (const list of lists) list.put(changed);
    },
    body: () => null,
    more: () => lists.some((list) => list.more()),
    answered: () => lists.every((list) => list.answered()),
    looked: () => lists.reduce((sum, list) => sum + list.looked(), 0),
  };
}

/**
 * What a list shows while it is read: nothing appears, disappears or moves. `fresh` counts what waits above.
 * @template T
 * @param {T[]} shown @param {T[]} latest @param {(item: T) => string} keyOf @param {boolean} held   it is being read
 * @returns {{shown: T[], fresh: number, still: boolean}}
 */
export function heldStill(shown, latest, keyOf, held) {
  if (!held || !shown.length) return { shown: latest, fresh: 0, still: true };
  const now = new Map(latest.map((item) => [keyOf(item), item]));
  const known = new Set(shown.map(keyOf));
  const fresh = latest.filter((item) => !known.has(keyOf(item))).length;
  return {
    shown: shown.map((item) => now.get(keyOf(item)) ?? item),
    fresh,
    still: fresh === 0 && latest.length === shown.length,
  };
}
