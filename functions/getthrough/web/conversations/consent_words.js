/** Consent in words. Pure. */

import { fullTime } from "../text/words.js";

/** @import { Consent } from "#api" */

/** "By the customer, 2 Mar 2026, 12:00: wrote “STOP”." @param {{by: string, changed_at: string, why: string}} state @param {string} quote */
export function consentWords({ by, changed_at: at, why }, quote) {
  return `By ${whoWords(by)}, ${fullTime(at)}: ${quote ? `wrote “${quote}”` : why}.`;
}

/** @param {string} by */
export function whoWords(by) {
  return by === "customer" ? "the customer" : by === "vonage" ? "Vonage" : by;
}

/** One change of consent, with its proof. @param {Consent} consent */
export function proofOf({ source, words, why }) {
  if (words) return `wrote “${words}”`;
  return source === "status" ? `a status of Vonage: ${why}` : why;
}
