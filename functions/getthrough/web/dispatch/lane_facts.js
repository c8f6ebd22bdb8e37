/** The facts for the chart of a dispatch: a lane for each step, with its events and times. Pure. */

import { capital, elapsed } from "../text/words.js";
import { stepBadge, whyNot } from "./dispatch_words.js";
import { eventWords } from "./event_words.js";

/** @import { AnswerKind, Dispatch, Step, TimelineEntry } from "#api" */
/** @import { Badge, Tone } from "../text/words.js" */

/**
 * @typedef {object} Point   one event
 * @property {string} key
 * @property {number} at   ms
 * @property {TimelineEntry} entry
 * @property {string} sign   the name of its drawing
 * @property {Tone} tone
 * @property {string} name   in a word or two
 * @property {string} since   the time since the step was sent; empty for the sending itself
 * @property {string} sentence
 * @property {number} weight   how much it matters if room is short
 */

/**
 * @typedef {object} Lane   times are in ms
 * @property {Step} step
 * @property {Badge} badge
 * @property {string} why   why it was not delivered or not sent, or empty
 * @property {Point[]} points
 * @property {number | null} due
 * @property {number | null} sent
 * @property {number | null} ends   the end of its window
 * @property {number | null} decided   when it succeeded or failed
 * @property {number | null} late   when it was delivered late
 * @property {number | null} heldUntil   the moment it waits for
 * @property {boolean} running   its window is open
 * @property {Tone} tone   the tone of its bar
 */

const FAILURES = ["rejected", "undeliverable"];
const UNSENT = ["refused", "opted_out", "quiet", "limited", "service_window_closed", "channel_down"];

/** An entry's key, the same each time the dispatch is read. @param {TimelineEntry} entry */
export function keyOf(entry) {
  return [entry.at, entry.step, entry.event, detailOf(entry)].join(" ");
}

/** @param {TimelineEntry} entry */
function detailOf(entry) {
  switch (entry.event) {
    case "status":
      return entry.status;
    case "finished":
      return entry.outcome;
    case "normalised":
      return entry.field;
    default:
      return "";
  }
}

/** Whether a status was reported late. @param {TimelineEntry} entry */
export function isLate(entry) {
  return entry.event === "status" && entry.late;
}

/** @param {Dispatch} dispatch @param {number} now   the server's clock @returns {Lane[]} */
export function lanesOf(dispatch, now) {
  /** @type {Lane[]} */
  const lanes = [];
  for (const step of dispatch.steps) lanes.push(laneOf(step, lanes.at(-1) ?? null, dispatch, now));
  return lanes;
}

/** @param {Step} step @param {Lane | null} before @param {Dispatch} dispatch @param {number} now @returns {Lane} */
function laneOf(step, before, dispatch, now) {
  const entries = dispatch.timeline.filter(
    (entry) => entry.step === step.step && entry.event !== "normalised" && entry.event !== "finished",
  );
  const sending = entries.find((entry) => entry.event === "sent");
  const failed = entries.find(hasFailed);
  const success = step.condition_met ? entries.find((entry) => meets(entry, step.condition_status)) : undefined;
  const timeUp = entries.find((entry) => entry.event === "window_ended");
  const over = dispatch.timeline.find((entry) => entry.event === "finished");
  const first = step.late ? (failed ?? timeUp ?? success) : (success ?? failed ?? timeUp);
  const ends = sending && step.window_ends_at ? ms(step.window_ends_at) : null;
  const open =
    step.claimed_at !== null && dispatch.outcome === null && !first && !dispatch.steps[step.step + 1]?.claimed_at;
  const overdue = open && dispatch.held_until !== null && ends !== null && ends <= now; // the next step waits for quiet hours to end
  const running = open && !overdue;
  const decided = first ?? (step.claimed_at && !open ? over : undefined);
  const due = before ? before.decided : ms(dispatch.created_at);
  const waits = !step.claimed_at && dispatch.outcome === null && due !== null;
  const badge = stepBadge(step, dispatch, overdue);
  return {
    step,
    badge,
    running,
    due,
    why: whyNot(step, dispatch, overdue),
    points: entries.map((entry) => pointOf(entry, sending, dispatch)),
    sent: sending ? ms(sending.at) : null,
    ends,
    decided: decided ? ms(decided.at) : overdue ? ends : null,
    late: step.late && success ? ms(success.at) : null,
    heldUntil: waits ? latest(before ? null : dispatch.send_at, dispatch.held_until) : null,
    tone: step.late ? "bad" : badge.tone,
  };
}

/**
 * The points that stay if room is short, each with the lighter points before it that are merged into it.
 * @param {Point[]} points @param {number} lightest
 * @returns {{point: Point, merged: Point[]}[]}
 */
export function mergedPoints(points, lightest) {
  /** @type {{point: Point, merged: Point[]}[]} */
  const groups = [];
  /** @type {Point[]} */
  let merged = [];
  for (const [index, point] of points.entries()) {
    if (index > 0 && index < points.length - 1 && point.weight < lightest) merged.push(point);
    else {
      groups.push({ point, merged });
      merged = [];
    }
  }
  return groups;
}

/** @param {TimelineEntry} entry */
function hasFailed(entry) {
  if (entry.event === "status") return FAILURES.includes(entry.status);
  if (entry.event === "answered") return UNSENT.includes(entry.answer);
  if (entry.event === "limited") return entry.until === null;
  return ["opted_out", "quiet_hours", "service_window_closed", "channel_down"].includes(entry.event);
}

/** @param {TimelineEntry} entry @param {Step["condition_status"]} condition */
function meets(entry, condition) {
  if (condition === "replied") return entry.event === "replied";
  return entry.event === "status" && (entry.status === "read" || entry.status === condition);
}

/** @param {...(string | null | undefined)} times */
function latest(...times) {
  const known = times.flatMap((at) => (at ? [ms(at)] : []));
  return known.length ? Math.max(...known) : null;
}

/** @param {TimelineEntry} entry @param {TimelineEntry | undefined} sending @param {Dispatch} dispatch @returns {Point} */
function pointOf(entry, sending, dispatch) {
  const { text, tone } = eventWords(entry, dispatch);
  const [sign, name, weight] = look(entry);
  const since = sending && sending !== entry ? elapsed(sending.at, entry.at) : "";
  return { key: keyOf(entry), at: ms(entry.at), entry, sign, tone, name, since, sentence: text, weight };
}

/** Its drawing, its name and its weight. @param {TimelineEntry} entry @returns {[string, string, number]} */
function look(entry) {
  switch (entry.event) {
    case "sent":
      return ["sent", "Sent", 1];
    case "answered":
      return answered(entry.answer);
    case "status":
      return reported(entry.status);
    case "replied":
      return ["replied", "Replied", 5];
    case "window_ended":
      return ["time", "Time up", 4];
    case "opted_out":
      return ["stop", "Opted out", 4];
    case "quiet_hours":
      return ["quiet", "Quiet hours", 4];
    case "limited":
      return ["quiet", "Limit reached", 4];
    case "service_window_closed":
      return ["quiet", "Needs a template", 4];
    case "channel_down":
      return ["quiet", "Channel down", 4];
    case "revoked":
      return ["back", entry.accepted ? "Revoked" : "Not revoked", 3];
    default:
      return ["other", entry.event, 0];
  }
}

/** @param {AnswerKind} answer @returns {[string, string, number]} */
function answered(answer) {
  switch (answer) {
    case "accepted":
      return ["accepted", "Accepted", 0];
    case "refused":
      return ["failed", "Refused", 5];
    case "unavailable":
      return ["time", "Not accepted", 4];
    case "unknown":
      return ["unclear", "Answer lost", 4];
    case "opted_out":
      return ["stop", "Opted out", 4];
    case "quiet":
      return ["quiet", "Quiet hours", 4];
    case "limited":
      return ["quiet", "Limit reached", 4];
    case "service_window_closed":
      return ["quiet", "Needs a template", 4];
    case "channel_down":
      return ["quiet", "Channel down", 4];
  }
}

/** @param {string} status @returns {[string, string, number]} */
function reported(status) {
  switch (status) {
    case "submitted":
      return ["submitted", "Submitted", 2];
    case "delivered":
      return ["delivered", "Delivered", 5];
    case "read":
      return ["read", "Read", 5];
    case "rejected":
    case "undeliverable":
      return ["failed", capital(status), 6];
    default:
      return ["other", status, 2];
  }
}

/** @param {string} at */
function ms(at) {
  return Date.parse(at);
}
