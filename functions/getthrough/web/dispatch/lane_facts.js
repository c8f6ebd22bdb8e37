/** What the picture of a dispatch shows: a lane for each step, with what happened in it and when. Pure. */

import { elapsed, met } from "../text/words.js";
import { capital, eventWords, stepBadge, whyNot } from "./dispatch_words.js";

/** @import { Dispatch, Entry, Step } from "../api/api.js" */
/** @import { Badge, Tone } from "../text/words.js" */

/**
 * @typedef {object} Point   one event
 * @property {string} key
 * @property {number} at   ms
 * @property {Entry} entry
 * @property {string} sign   which drawing it has
 * @property {Tone} tone
 * @property {string} name   in a word or two
 * @property {string} since   after the step was sent; empty for the sending itself
 * @property {string} sentence
 * @property {number} weight   how much it matters where there is little room
 */

/**
 * @typedef {object} Lane   times are in ms
 * @property {Step} step
 * @property {Badge} badge
 * @property {string} why   why it did not arrive, or was not sent; empty where there is nothing to say
 * @property {Point[]} points
 * @property {number | null} due   when its turn came
 * @property {number | null} sent
 * @property {number | null} ends   of its window
 * @property {number | null} decided   when it had succeeded or failed
 * @property {number | null} late   when it arrived after all
 * @property {number | null} heldUntil   it waits for this moment
 * @property {boolean} running   its window runs down
 * @property {Tone} tone   of its bar
 */

const FAILURES = ["rejected", "undeliverable"];

/** An entry's key, the same each time the dispatch is read. @param {Entry} entry */
export function keyOf({ at, step, event, status, outcome, field }) {
  return [at, step, event, status, outcome, field].join(" ");
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
 * What stays a point where there is little room, and what is folded into it: what came before it and matters less.
 * @param {Point[]} points @param {number} lightest
 * @returns {{point: Point, folded: Point[]}[]}
 */
export function foldedPoints(points, lightest) {
  /** @type {{point: Point, folded: Point[]}[]} */
  const groups = [];
  /** @type {Point[]} */
  let folded = [];
  for (const [index, point] of points.entries()) {
    if (index > 0 && index < points.length - 1 && point.weight < lightest) folded.push(point);
    else {
      groups.push({ point, folded });
      folded = [];
    }
  }
  return groups;
}

/** @param {Entry} entry */
function hasFailed({ event, status, answer }) {
  if (event === "status") return FAILURES.includes(status ?? "");
  return (
    event === "opted_out" ||
    event === "quiet_hours" ||
    (event === "answered" && ["refused", "opted_out", "quiet"].includes(answer ?? ""))
  );
}

/** @param {Entry} entry @param {Step["condition_status"]} condition */
function meets({ event, status }, condition) {
  if (condition === "replied") return event === "replied";
  return event === "status" && (status === "read" || status === condition);
}

/** @param {...(string | null | undefined)} times */
function latest(...times) {
  const known = times.filter(/** @returns {at is string} */ (at) => Boolean(at)).map(ms);
  return known.length ? Math.max(...known) : null;
}

/** @param {Entry} entry @param {Entry | undefined} sending @param {Dispatch} dispatch @returns {Point} */
function pointOf(entry, sending, dispatch) {
  const { text, tone } = eventWords(entry, dispatch);
  const [sign, name, weight] = look(entry);
  const since = sending && sending !== entry ? elapsed(sending.at, entry.at) : "";
  return { key: keyOf(entry), at: ms(entry.at), entry, sign, tone, name, since, sentence: text, weight };
}

/** Its drawing, its name, and how much that matters. @param {Entry} entry @returns {[string, string, number]} */
function look({ event, answer, status, accepted }) {
  switch (event) {
    case "sent":
      return ["sent", "Sent", 1];
    case "answered":
      return answered(answer);
    case "status":
      return reported(status ?? "");
    case "replied":
      return ["replied", capital(met("replied")), 5];
    case "window_ended":
      return ["time", "Time up", 4];
    case "opted_out":
      return ["stop", "Opted out", 4];
    case "quiet_hours":
      return ["quiet", "Quiet hours", 4];
    case "revoked":
      return ["back", accepted ? "Taken back" : "Not taken back", 3];
    default:
      return ["other", event, 0];
  }
}

/** @param {string | undefined} answer @returns {[string, string, number]} */
function answered(answer) {
  switch (answer) {
    case "accepted":
      return ["taken", "Taken", 0];
    case "refused":
      return ["failed", "Refused", 5];
    case "unavailable":
      return ["time", "Not taken", 4];
    case "unknown":
      return ["unclear", "Unclear", 4];
    case "opted_out":
      return ["stop", "Opted out", 4];
    case "quiet":
      return ["quiet", "Quiet hours", 4];
    default:
      return ["other", answer ?? "", 0];
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
