/** Batches in words and numbers. Pure: no element, no request, no clock. */

import { channelName } from "../channels/channels.js";
import { duration, money } from "../text/words.js";

/** @import { Batch } from "#api" */
/** @import { Badge } from "../text/words.js" */

/** @param {Batch} batch @returns {Badge} */
export function batchBadge(batch) {
  switch (batch.state) {
    case "waiting":
      return { text: "Waiting", tone: "wait" };
    case "sending":
      return { text: "Sending", tone: "wait" };
    case "sent":
      return completed(batch)
        ? { text: "Done", tone: batch.failed ? "late" : "good" }
        : { text: "All sent", tone: "wait" };
    case "cancelled":
      return { text: "Cancelled", tone: "idle" };
  }
}

/** How many were sent and have no outcome yet. Counting lags a little behind sending. @param {Batch} batch */
export function open({ state, accepted, sent, delivered, failed }) {
  return Math.max(0, (state === "sent" ? accepted : sent) - delivered - failed);
}

/** Whether every message was sent and has an outcome. @param {Batch} batch */
export function completed(batch) {
  return batch.state === "sent" && open(batch) === 0;
}

/** "WhatsApp, then SMS to 3 recipients" @param {Batch} batch */
export function batchTitle({ steps, accepted }) {
  return `${steps.map(({ channel }) => channelName(channel)).join(", then ")} to ${count(accepted, "recipient")}`;
}

/** @param {number} number @param {string} noun */
export function count(number, noun) {
  return `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`;
}

/** Its progress in one sentence. @param {Batch} batch @param {number} now @param {(at: string) => string} shown   a moment in words */
export function progress(batch, now, shown) {
  const { state, accepted, sent, rate, send_at: sendAt, estimated_end_at: ends } = batch;
  const all = accepted.toLocaleString("en-GB");
  const of = `${sent.toLocaleString("en-GB")} of ${all} sent`;
  const done = sent < accepted ? of : `All ${all} sent`;
  switch (state) {
    case "waiting":
      return sendAt ? `Starts ${shown(sendAt)}.` : "Starts in a moment.";
    case "sending":
      return `${of}, up to ${rate} per second${ends ? `; finished ${left(ends, now)}` : ""}.`;
    case "sent":
      return open(batch) ? `${done}; ${open(batch).toLocaleString("en-GB")} not delivered yet.` : `${done}.`;
    case "cancelled":
      return `Cancelled after ${of}.`;
  }
}

/** @param {string} at @param {number} now */
function left(at, now) {
  const seconds = (Date.parse(at) - now) / 1000;
  return seconds < 1 ? "in a moment" : `in about ${duration(seconds)}`;
}

/** The parts of its bar, none of them empty. They add up to the number of recipients. @param {Batch} batch @returns {{name: string, tone: string, number: number}[]} */
export function parts(batch) {
  const { state, accepted, sent, delivered, failed } = batch;
  // Dispatches that ended before anything was sent, such as those of customers who have opted out.
  const unsent = Math.min(failed, Math.max(0, (state === "sent" ? accepted : delivered + failed) - sent));
  const rest = state === "sent" ? 0 : Math.max(0, accepted - sent - unsent);
  const never = state === "cancelled" ? rest : 0;
  return [
    { name: "delivered", tone: "good", number: delivered },
    { name: "not delivered", tone: "bad", number: failed - unsent },
    { name: "in progress", tone: "wait", number: open(batch) },
    { name: "not sent", tone: "idle", number: unsent + never },
    { name: "still to send", tone: "idle", number: rest - never },
  ].filter(({ number }) => number > 0);
}

/** @param {Batch} batch */
export function costWords({ cost }) {
  return cost
    .filter(({ price }) => Number(price) > 0)
    .map(money)
    .join(" + ");
}
