/** Batches in words and numbers. Pure: no element, no request, no clock. */

import { channelName, duration, money } from "../text/words.js";

/** @import { Usage } from "../api/api.js" */
/** @import { Badge } from "../text/words.js" */

/**
 * @typedef {object} Batch
 * @property {string} batch_uuid
 * @property {string | null} schedule_uuid
 * @property {string} created_at
 * @property {"waiting" | "sending" | "sent" | "cancelled"} state
 * @property {string | null} send_at
 * @property {string | null} cancelled_at
 * @property {number} accepted
 * @property {number} sent
 * @property {number} delivered
 * @property {number} failed
 * @property {Usage[]} cost
 * @property {number} rate
 * @property {string | null} estimated_end_at
 * @property {{channel: string, message_type: string, text: string | null}[]} steps
 */

/** @param {Batch} batch @returns {Badge} */
export function batchBadge(batch) {
  switch (batch.state) {
    case "waiting":
      return { text: "Waiting", tone: "wait" };
    case "sending":
      return { text: "Sending", tone: "wait" };
    case "sent":
      return !settled(batch)
        ? { text: "All sent", tone: "wait" }
        : { text: "Done", tone: batch.failed ? "late" : "good" };
    case "cancelled":
      return { text: "Cancelled", tone: "idle" };
    default:
      return { text: batch.state, tone: "idle" };
  }
}

/** How many went out and are neither through nor given up. Counting lags a little behind sending. @param {Batch} batch */
export function open({ state, accepted, sent, delivered, failed }) {
  return Math.max(0, (state === "sent" ? accepted : sent) - delivered - failed);
}

/** Whether all went out and nothing of it is open any more. @param {Batch} batch */
export function settled(batch) {
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

/** How far it is, in one sentence. @param {Batch} batch @param {number} now @param {(at: string) => string} shown   a moment in words */
export function progress(batch, now, shown) {
  const { state, accepted, sent, rate, send_at: sendAt, estimated_end_at: ends } = batch;
  const of = `${sent.toLocaleString("en-GB")} of ${accepted.toLocaleString("en-GB")} sent`;
  switch (state) {
    case "waiting":
      return sendAt ? `It begins ${shown(sendAt)}.` : "It begins in a moment.";
    case "sending":
      return `${of}, ${rate} a second at most${ends ? `; all of them ${left(ends, now)}` : ""}.`;
    case "sent":
      return open(batch)
        ? `All ${accepted.toLocaleString("en-GB")} sent; ${open(batch).toLocaleString("en-GB")} not delivered yet.`
        : `All ${accepted.toLocaleString("en-GB")} sent.`;
    case "cancelled":
      return `Cancelled after ${of}.`;
    default:
      return of;
  }
}

/** @param {string} at @param {number} now */
function left(at, now) {
  const seconds = (Date.parse(at) - now) / 1000;
  return seconds < 1 ? "in a moment" : `in about ${duration(seconds)}`;
}

/** The parts of its bar, none of them empty. @param {Batch} batch @returns {{name: string, tone: string, number: number}[]} */
export function parts(batch) {
  const rest = batch.state === "sent" ? 0 : batch.accepted - batch.sent;
  return [
    { name: "delivered", tone: "good", number: batch.delivered },
    { name: "failed", tone: "bad", number: batch.failed },
    { name: "under way", tone: "wait", number: open(batch) },
    { name: batch.state === "cancelled" ? "not sent" : "to be sent", tone: "idle", number: rest },
  ].filter(({ number }) => number > 0);
}

/** @param {Batch} batch */
export function costWords({ cost }) {
  return cost
    .filter(({ price }) => Number(price) > 0)
    .map(money)
    .join(" + ");
}
