/** One answer of the API that is read again and again. It knows no element; what it reads with is handed in. */

/** The server's Date header has whole seconds: a smaller difference between the clocks is ignored. */
const SKEW = 2_000;

/**
 * @template T
 * @typedef {object} One
 * @property {() => Promise<boolean>} refresh   reads it; returns whether it changed
 * @property {() => T | null} value   null before the first answer; another object only if it changed
 * @property {(changed: T) => void} put   what a change has answered
 * @property {() => number} clock   the server's clock
 */

/**
 * @template T
 * @param {(etag: string | null) => Promise<{body: T | null, etag: string | null, now: number}>} read   its body is null if `etag` is still right
 * @returns {One<T>}
 */
export function openOne(read) {
  /** @type {T | null} */
  let value = null;
  /** @type {string | null} */
  let etag = null;
  let skew = 0;
  return {
    async refresh() {
      const answer = await read(etag);
      const ahead = answer.now - Date.now();
      [etag, skew] = [answer.etag, Math.abs(ahead) > SKEW ? ahead : 0];
      if (!answer.body || JSON.stringify(answer.body) === JSON.stringify(value)) return false;
      value = answer.body;
      return true;
    },
    value: () => value,
    put(changed) {
      [value, etag] = [changed, null]; // the next answer is read whole
    },
    clock: () => Date.now() + skew,
  };
}
