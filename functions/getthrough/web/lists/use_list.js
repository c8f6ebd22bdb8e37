/** The one way in which a view shows what the API has: kept current, and kept for when the reader comes back. */

import { watch } from "../api/watch.js";
import { announce } from "../elements/dom.js";
import { trouble } from "../text/words.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { openOne } from "./one.js";
import { heldStill } from "./paged.js";

/** @import { Answer, ApiError } from "../api/api.js" */
/** @import { VNode } from "../vendor/preact.js" */
/** @import { Paged } from "./paged.js" */

const MOST_KEPT = 12;

/** What was shown last. @type {Map<string, any>} */
const kept = new Map();

/** Forgets everything: another client may read other things. */
export function forgetLists() {
  kept.clear();
}

/**
 * @template S
 * @param {string} key @param {() => S} make
 * @returns {S}
 */
function cached(key, make) {
  const source = kept.get(key) ?? make();
  kept.delete(key);
  kept.set(key, source);
  if (kept.size > MOST_KEPT) kept.delete(/** @type {string} */ (kept.keys().next().value));
  return source;
}

/**
 * What lists and single answers have in common: read when shown, then again and again until the view is left.
 * @template {{refresh: () => Promise<boolean>}} S
 * @param {string} key   what it is of; another one makes another source
 * @param {() => S} make
 * @param {(source: S, unchanged: number) => number} wait   milliseconds to the next look
 */
function useSource(key, make, wait) {
  const [, draw] = useState(0);
  const source = cached(key, make);
  const failure = useRef({ of: "", status: /** @type {number | undefined} */ (undefined), problem: "" });
  const watching = useRef(/** @type {{now: () => void, stop: () => void} | null} */ (null));
  const pause = useRef(wait);
  pause.current = wait;
  /** @param {ApiError | null} error @param {"load" | "change"} attempt */
  function failed(error, attempt) {
    failure.current = { of: key, status: error?.status, problem: error ? trouble(error, attempt) : "" };
  }
  const again = () => draw((count) => count + 1);
  useEffect(() => {
    let stopped = false;
    async function look() {
      try {
        const changed = await source.refresh();
        if (!stopped) failed(null, "load");
        return changed;
      } catch (error) {
        if (!stopped) failed(/** @type {ApiError} */ (error), "load");
        return false;
      } finally {
        if (!stopped) again();
      }
    }
    const mine = watch(look, (unchanged) => pause.current(source, unchanged));
    watching.current = mine;
    return () => {
      stopped = true;
      mine.stop();
    };
  }, [key]);
  const { of, status, problem } = failure.current;
  return {
    source,
    again,
    failed,
    now: () => watching.current?.now(),
    status: of === key ? status : undefined,
    problem: of === key ? problem : "",
  };
}

/**
 * @template T
 * @typedef {object} Listed
 * @property {T[]} rows
 * @property {boolean} more
 * @property {boolean} answered
 * @property {number} looked
 * @property {unknown} body   the newest answer to the first page, whole
 * @property {string} problem   why the newest could not be read, or the next page; or empty
 * @property {number | undefined} status   the status of that answer
 * @property {() => Promise<T | null>} older   reads the next page; returns the first item of it
 * @property {() => void} now   reads the newest
 * @property {(changed: T) => void} put   shows what a change of an item has answered, and reads the newest
 */

/**
 * @template T
 * @param {string} key   what the list is of
 * @param {() => Paged<T>} make
 * @param {(rows: T[], unchanged: number) => number} wait   milliseconds to the next look
 * @returns {Listed<T>}
 */
export function useList(key, make, wait) {
  const {
    source: list,
    again,
    failed,
    ...rest
  } = useSource(key, make, (one, unchanged) => wait(one.rows(), unchanged));
  return {
    ...rest,
    rows: list.rows(),
    more: list.more(),
    answered: list.answered(),
    looked: list.looked(),
    body: list.body(),
    async older() {
      const before = list.rows().length;
      try {
        await list.older();
        failed(null, "change");
      } catch (error) {
        failed(/** @type {ApiError} */ (error), "change");
      }
      again();
      return list.rows()[before] ?? null;
    },
    put(changed) {
      list.put(changed);
      again();
      rest.now(); // a request that began before may still show the old state
    },
  };
}

/**
 * @template T
 * @typedef {object} Single
 * @property {T | null} value   null before the first answer
 * @property {string} problem   why it could not be read; or empty
 * @property {number | undefined} status   the status of that answer
 * @property {() => number} clock   the server's clock
 * @property {() => void} now   reads it
 * @property {(changed: T) => void} put   shows what a change has answered, and reads it
 */

/**
 * One answer of the API that is no list.
 * @template T
 * @param {string} key   what it is of
 * @param {(etag: string | null) => Promise<Answer<T | null>>} read
 * @param {(value: T | null, unchanged: number, now: number) => number} wait   milliseconds to the next look
 * @returns {Single<T>}
 */
export function useOne(key, read, wait) {
  const { source, again, failed, ...rest } = useSource(
    key,
    () => openOne(read),
    (one, unchanged) => wait(one.value(), unchanged, one.clock()),
  );
  return {
    ...rest,
    value: source.value(),
    clock: source.clock,
    put(changed) {
      source.put(changed);
      again();
      rest.now(); // a request that began before may still show the old state
    },
  };
}

/**
 * A list whose rows stay where they are while it is read: under the pointer, with the focus, or scrolled into.
 * @template T
 * @param {{list: Listed<T>, keyOf: (item: T) => string, row: (item: T) => VNode, id: string, label?: string, moreLabel?: string,
 *   hrefOf: (item: T) => string}} props
 */
export function LiveRows({ list, keyOf, row, id, label, moreLabel = "Load more", hrefOf }) {
  const zone = useRef(/** @type {HTMLElement | null} */ (null));
  const shown = useRef(/** @type {T[]} */ ([]));
  const all = useRef(false);
  const focus = useRef("");
  const announced = useRef(false);
  const [, draw] = useState(0);
  const [busy, setBusy] = useState(false);
  const at = zone.current;
  const read =
    at !== null && (at.contains(document.activeElement) || at.matches(":hover") || at.getBoundingClientRect().top < 0);
  const now = heldStill(shown.current, list.rows, keyOf, read && !all.current);
  shown.current = now.shown;
  all.current = false;

  useLayoutEffect(() => {
    if (!now.still && !announced.current) announce(now.fresh ? "There are new messages." : "The list has changed.");
    announced.current = !now.still;
    if (!focus.current) return;
    const link = /** @type {HTMLElement | null} */ (zone.current?.querySelector(`a[href="${focus.current}"]`));
    link?.focus();
    focus.current = "";
  });

  /** @param {T | undefined | null} item   gets the focus */
  function showAll(item) {
    all.current = true;
    focus.current = item ? hrefOf(item) : "";
    draw((count) => count + 1);
  }

  async function older() {
    if (busy) return;
    setBusy(true);
    const first = await list.older();
    setBusy(false);
    showAll(first);
    if (!first) announce("No older messages were found.");
  }

  return html`
    <div class="live-rows" ref=${zone} onPointerLeave=${() => draw((count) => count + 1)}>
      <button type="button" class="news" id=${`${id}-news`} hidden=${now.still} onClick=${() => showAll(list.rows[0])}>
        ${now.fresh ? `Show ${now.fresh} new` : "Refresh"}</button>
      <ul class="rows" id=${id} aria-label=${label}>${now.shown.map((item) => html`<li key=${keyOf(item)}>${row(item)}</li>`)}</ul>
    </div>
    <button type="button" id=${`${id}-more`} hidden=${!list.more} aria-disabled=${busy || undefined} onClick=${older}>${moreLabel}</button>`;
}
