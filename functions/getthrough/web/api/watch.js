/** Polls: often while things change, rarely while they don't, not in a hidden tab, and at once when it or the connection is back. */

import { isLost, onBack } from "./connection.js";

/**
 * @typedef {object} Watch
 * @property {() => void} now   polls at once
 * @property {() => void} stop
 */

/**
 * @param {() => Promise<boolean>} look   returns whether anything changed; must not throw
 * @param {(unchanged: number) => number} wait   milliseconds to the next poll, after so many without a change
 * @param {boolean} [always]   also while the tab is hidden
 * @returns {Watch}
 */
export function watch(look, wait, always = false) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let unchanged = 0;
  let looking = false;
  let again = false;
  let stopped = false;

  async function round() {
    clearTimeout(timer);
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    do {
      again = false;
      if (isLost()) break;
      unchanged = (await look()) ? 0 : unchanged + 1;
    } while (again && !stopped);
    looking = false;
    if (!stopped && !isLost() && (always || !document.hidden)) timer = setTimeout(round, wait(unchanged));
  }

  function now() {
    if (stopped) return;
    unchanged = 0;
    void round();
  }

  function turned() {
    if (!document.hidden) now();
    else if (!always) clearTimeout(timer);
  }

  document.addEventListener("visibilitychange", turned);
  const forget = onBack(now);
  void round();
  return {
    now,
    stop() {
      stopped = true;
      clearTimeout(timer);
      forget();
      document.removeEventListener("visibilitychange", turned);
    },
  };
}
