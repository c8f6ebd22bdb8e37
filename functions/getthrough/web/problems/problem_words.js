/** Dead letters in words. Pure. */

import { own } from "../text/own.js";

/** @type {Record<string, string>} */
const KINDS = {
  timer: "A timer of a message",
  tick: "The tick that arms timers",
  callback: "A webhook to one of your systems",
  changes: "Changes to be counted",
  other: "Something unknown",
};

/** @param {string} kind */
export function kindWords(kind) {
  return own(KINDS, kind) ?? kind;
}

/** @param {string} queue */
export function queueWords(queue) {
  return queue === "timers" ? "Timers" : "Webhooks to your systems";
}
