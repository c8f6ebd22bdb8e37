/** Polls: often while things change, rarely while they don't, and at once when the tab or the connection is back. */

import { isLost, onBack } from "./connection.js";

/** Milliseconds between polls, at least, while the tab is hidden. */
const HIDDEN = 10_000;

/**
 * @typedef {object} Watch
 * @property {() => void} now   polls at once
 * @property {() => void} stop
 */

/**
 * @param {() => Promise<boolean>} look   returns whether anything changed; must not throw
 * @param {(unchanged: number) => number} wait   milliseconds to the next poll, after so many without a change
 * @returns {Watch}
 */
export function watch(look, wait) {
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
    if (!stopped && !isLost()) {
      timer = setTimeout(round, document.hidden ? Math.max(HIDDEN, wait(unchanged)) : wait(unchanged));
    }
  }

  function now() {
    if (stopped) return;
    unchanged = 0;
    void round();
  }

  function seen() {
    if (!document.hidden) now();
  }

  document.addEventListener("visibilitychange", seen);
  const forget = onBack(now);
  void round();
  return {
    now,
    stop() {
      stopped = true;
      clearTimeout(timer);
      forget();
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
