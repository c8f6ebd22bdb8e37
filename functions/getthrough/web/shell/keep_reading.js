/** What is read again and again, from every view, for who is signed in. */

import { watch } from "../api/watch.js";
import { effect } from "../vendor/preact.js";
import { may } from "./scopes.js";
import { session } from "./session.js";

/** @import { Api } from "../api/api.js" */
/** @import { Scope } from "./scopes.js" */

/**
 * @template T
 * @typedef {object} Reading
 * @property {Scope} scope   without it nothing is read
 * @property {(api: Api) => () => Promise<T>} open   for each who signs in: what reads. If it throws, it is asked again; the
 *   banner or the view that is open says why
 * @property {(read: T) => boolean} take   returns whether anything changed
 * @property {() => void} [forget]   someone else signs in, or signs out
 * @property {number} wait   milliseconds
 * @property {boolean} [always]   also while the tab is hidden
 */

/** Returns what reads at once. @template T @param {Reading<T>} reading @returns {() => void} */
export function keepReading({ scope, open, take, forget, wait, always }) {
  let now = () => {};
  effect(() => {
    const api = session.value?.api;
    forget?.();
    if (!api || !may(scope)) return undefined;
    const read = open(api);
    let signedIn = true;
    const watching = watch(
      async () => {
        try {
          const found = await read();
          return signedIn && take(found);
        } catch {
          return false;
        }
      },
      () => wait,
      always,
    );
    now = watching.now;
    return () => {
      signedIn = false;
      watching.stop();
    };
  });
  return () => now();
}
