/** The one way in which a view shows a list of the API: paged, kept current, and kept for when the reader comes back. */

import { watch } from "../api/watch.js";
import { announce } from "../elements/dom.js";
import { trouble } from "../text/words.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { heldStill } from "./paged.js";

/** @import { ApiError } from "../api/api.js" */
/** @import { VNode } from "../vendor/preact.js" */
/** @import { Paged } from "./paged.js" */

const MOST_KEPT = 12;

/** The lists that were shown last. @type {Map<string, Paged<any>>} */
const kept = new Map();

/** Forgets all lists: another client may read other things. */
export function forgetLists() {
  kept.clear();
}

/**
 * @template T
 * @param {string} key @param {() => Paged<T>} make
 * @returns {Paged<T>}
 */
function cached(key, make) {
  const list = kept.get(key) ?? make();
  kept.delete(key);
  kept.set(key, list);
  if (kept.size > MOST_KEPT) kept.delete(/** @type {string} */ (kept.keys().next().value));
  return list;
}

/**
 * @template T
 * @typedef {object} Listed
 * @property {T[]} rows
 * @property {boolean} more
 * @property {boolean} answered
 * @property {number} looked
 * @property {string} problem   why the newest could not be read, or the next page; or empty
 * @property {() => Promise<T | null>} older   reads the next page; returns the first item of it
 * @property {() => void} now   reads the newest
 */

/**
 * @template T
 * @param {string} key   what the list is of; another one makes another list
 * @param {() => Paged<T>} make
 * @param {(rows: T[], unchanged: number) => number} wait   milliseconds to the next look
 * @returns {Listed<T>}
 */
export function useList(key, make, wait) {
  const [, draw] = useState(0);
  const list = cached(key, make);
  const problem = useRef("");
  const watching = useRef(/** @type {{now: () => void, stop: () => void} | null} */ (null));
  const again = () => draw((count) => count + 1);
  useEffect(() => {
    let stopped = false;
    problem.current = "";
    async function look() {
      try {
        const changed = await list.refresh();
        problem.current = "";
        return changed;
      } catch (error) {
        problem.current = trouble(/** @type {ApiError} */ (error), "load");
        return false;
      } finally {
        if (!stopped) again();
      }
    }
    const mine = watch(look, (unchanged) => wait(list.rows(), unchanged));
    watching.current = mine;
    return () => {
      stopped = true;
      mine.stop();
    };
  }, [key]);
  return {
    rows: list.rows(),
    more: list.more(),
    answered: list.answered(),
    looked: list.looked(),
    problem: problem.current,
    now: () => watching.current?.now(),
    async older() {
      const before = list.rows().length;
      try {
        await list.older();
        problem.current = "";
      } catch (error) {
        problem.current = trouble(/** @type {ApiError} */ (error), "change");
      }
      again();
      return list.rows()[before] ?? null;
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
