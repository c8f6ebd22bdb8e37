/** A dispatch in one line: its state, and why it was not delivered. Pure: no element, no request, no clock. */

import { own } from "../text/own.js";
import { outcomeBadge, SKIPPED } from "../text/words.js";

/** @import { DispatchSummary } from "#api" */
/** @import { Badge } from "../text/words.js" */

/** What the last step that was sent says, if no status says more. @type {Record<string, string>} */
const ANSWERS = {
  refused: "Refused by Vonage",
  unavailable: "Vonage did not accept it",
  unknown: "Vonage’s response was lost",
  opted_out: "The customer has opted out",
};

/** Whether nothing was sent yet, because its time has not come. @param {DispatchSummary} summary */
export function isPlanned({ outcome, due_at: due, steps_sent: sent }) {
  return outcome === null && due !== null && sent === 0;
}

/** @param {DispatchSummary} summary @returns {Badge} */
export function rowBadge(summary) {
  return outcomeBadge(isPlanned(summary) ? "planned" : summary.outcome);
}

/** The time that matters: when it will be sent, else when it was accepted. @param {DispatchSummary} summary */
export function rowTime(summary) {
  return summary.due_at !== null && isPlanned(summary) ? summary.due_at : summary.created_at;
}

/** Why it was not delivered, or what it waits for; empty if there is nothing to say. @param {DispatchSummary} summary */
export function rowReason({ outcome, status, answer, due_at: due, steps_sent: sent }) {
  if (outcome === null && due !== null) return sent ? "The next step waits for its time" : "Waits for its time";
  if (outcome === null) return answer === "unavailable" ? "Vonage does not accept it yet; trying again" : "";
  if (outcome !== "exhausted") return "";
  if (status === "rejected") return "Rejected by the carrier";
  if (status === "undeliverable") return "Could not be delivered";
  const skipped = own(SKIPPED, answer ?? "");
  if (skipped) return `Skipped: ${skipped.short}`;
  return own(ANSWERS, answer ?? "") ?? "Not delivered in time";
}
