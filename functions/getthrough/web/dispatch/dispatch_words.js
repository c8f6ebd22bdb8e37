/** Puts the API's account of one dispatch into words. Pure: no element, no request, no clock. */

import { channelName, channelOf } from "../channels/channels.js";
import { own } from "../text/own.js";
import { capital, duration, met, outcomeBadge, SKIPPED, sentence } from "../text/words.js";

/** @import { Dispatch, ProviderError, Step, TimelineEntry } from "#api" */
/** @import { Badge } from "../text/words.js" */

/** A dispatch in one sentence. @param {Dispatch} dispatch */
export function headline(dispatch) {
  const { outcome, steps } = dispatch;
  const by = steps[dispatch.succeeded_by ?? -1];
  if (by) return `${recipient(by)} was ${success(by)}${by.late ? ", late" : ""}`;
  const out = steps.findLast((step) => step.claimed_at);
  switch (outcome) {
    case "succeeded":
      return "You reported that the customer has acted";
    case null:
      return waiting(dispatch, out) || (out ? `${recipient(out)} ${progress(out)}` : "Accepted");
    case "exhausted": {
      const condition = met(steps.at(-1)?.condition_status ?? "delivered");
      return steps.length === 1 ? `The message was not ${condition}` : `None of the messages were ${condition}`;
    }
    case "cancelled":
      return steps[0]?.claimed_at ? "Cancelled before it was delivered" : "Cancelled before it was sent";
    case "stopped":
      return "Stopped, because the customer opted out";
    default:
      return outcome;
  }
}

/** The state of a dispatch; one that nothing was sent for yet is planned. @param {Dispatch} dispatch */
export function stateBadge({ outcome, send_at: at, held_until: held, steps }) {
  const planned = outcome === null && (at ?? held) !== null && !steps[0]?.claimed_at;
  return outcomeBadge(planned ? "planned" : outcome);
}

/** "SMS to 447700900001" @param {Step} step */
export function recipient({ channel, to }) {
  return `${channelName(channel)} to ${to}`;
}

/** What the next step waits for. @param {Dispatch} dispatch @param {Step | undefined} out */
function waiting({ held_until: held, send_at: at, steps }, out) {
  const next = steps[out ? out.step + 1 : 0] ?? steps[0];
  if (!next) return "";
  if (held) return `${recipient(next)} waits until quiet hours end`;
  return at && !out ? `${recipient(next)} will be sent later` : "";
}

/** @param {Step} step */
export function success({ status: is, condition_status: condition }) {
  return condition === "replied" ? met(condition) : is === "read" ? "read" : "delivered";
}

/** @param {Step} step */
function progress({ status: is, answer, condition_status: condition }) {
  if (is === "delivered" || is === "read") return `was ${is}, but not ${met(condition)} yet`;
  if (is === null && answer === "unavailable") return "waits until Vonage accepts it";
  if (is === null && answer === "unknown") return "may be on its way";
  return "is on its way";
}

/** What else there is to know about the outcome. @param {Dispatch} dispatch */
export function remarks(dispatch) {
  const sentences = [];
  const late = dispatch.steps.filter((step) => step.late);
  const [first] = late;
  if (first) {
    const names = late.map((step) => `Step ${step.step + 1}`).join(" and ");
    sentences.push(`${names} was reported ${met(first.condition_status)} after its window had ended.`);
  }
  for (const { step } of neverWork(dispatch)) {
    sentences.push(`Step ${step + 1} can’t work as it is: correct it before you send it again.`);
  }
  if (dispatch.double_messages) sentences.push(`The customer got ${dispatch.double_messages + 1} messages.`);
  if (dispatch.outcome === "exhausted" && dispatch.steps.some(mayArrive)) {
    sentences.push("If a message still arrives, it is shown here.");
  }
  return sentences.join(" ");
}

/** Whether Vonage has it, or may have it, and did not report a failure. @param {Step} step */
function mayArrive({ claimed_at: sent, answer, status: is }) {
  const handed = is !== null || answer === "accepted" || answer === "unknown";
  return sent !== null && handed && is !== "rejected" && is !== "undeliverable";
}

/** Why the whole of it was not delivered, for the headline; empty if it was, or still may be. @param {Dispatch} dispatch */
export function headReason(dispatch) {
  if (dispatch.outcome !== "exhausted") return "";
  const last = dispatch.steps.findLast((step) => step.claimed_at);
  return last ? whyNot(last, dispatch, true) : "";
}

/** The steps that fail each time they are sent like this, although another one was delivered. @param {Dispatch} dispatch */
function neverWork(dispatch) {
  if (dispatch.outcome !== "succeeded") return [];
  return dispatch.steps.filter(
    (step) => step.answer === "refused" || errorOf(step, dispatch)?.meaning === "invalid_request",
  );
}

/** The state of a step; `overdue` if its window has ended and nothing was done about it yet. @param {Step} step @param {Dispatch} dispatch @param {boolean} overdue @returns {Badge} */
export function stepBadge(step, dispatch, overdue) {
  if (step.condition_met) {
    const text = capital(success(step));
    return step.late ? { text: `${text}, late`, tone: "late" } : { text, tone: "good" };
  }
  if (!step.claimed_at) {
    if (dispatch.outcome === null) return { text: "Not sent yet", tone: "idle" };
    return { text: dispatch.outcome === "succeeded" ? "Not needed" : "Not sent", tone: "idle" };
  }
  return failedBadge(step, dispatch) ?? waitingBadge(step, dispatch, overdue);
}

/** The state of a step that was sent and has failed, or null. @param {Step} step @param {Dispatch} dispatch @returns {Badge | null} */
function failedBadge(step, dispatch) {
  const is = step.status;
  if (is === "rejected") return { text: "Rejected", tone: "bad" };
  if (is === "undeliverable") return { text: "Undeliverable", tone: "bad" };
  if (is === null && step.answer === "opted_out") return { text: "Not sent: opted out", tone: "idle" };
  if (happened(dispatch, "opted_out", step)) return { text: "Opted out", tone: "idle" };
  const gap = own(SKIPPED, step.answer ?? "");
  if (is === null && gap) return { text: `Skipped: ${gap.short}`, tone: step.answer === "quiet" ? "idle" : "bad" };
  if (is === null && step.answer === "refused") return { text: "Refused by Vonage", tone: "bad" };
  return null;
}

/** The state of a step that waits, or waited, for its condition. @param {Step} step @param {Dispatch} dispatch @param {boolean} overdue @returns {Badge} */
function waitingBadge(step, dispatch, overdue) {
  const is = step.status;
  const condition = met(step.condition_status);
  const movedOn = Boolean(dispatch.steps[step.step + 1]?.claimed_at);
  const halted = dispatch.outcome === "cancelled" || dispatch.outcome === "stopped";
  if (halted && !movedOn && !happened(dispatch, "window_ended", step)) {
    return { text: `Stopped before it was ${condition}`, tone: "idle" };
  }
  if (overdue || dispatch.outcome !== null || movedOn) return { text: `Not ${condition} in time`, tone: "bad" };
  if (is === "delivered" || is === "read") return { text: `${capital(is)}, not ${condition} yet`, tone: "wait" };
  if (is !== null || step.answer === "accepted") return { text: "On its way", tone: "wait" };
  if (step.answer === "unavailable") return { text: "Not accepted by Vonage, trying again", tone: "wait" };
  if (step.answer === "unknown") return { text: "Vonage’s response was lost", tone: "wait" };
  return { text: "Sending", tone: "wait" };
}

/** @param {Dispatch} dispatch @param {TimelineEntry["event"]} event @param {Step} step */
function happened({ timeline }, event, step) {
  return timeline.some((entry) => entry.event === event && entry.step === step.step);
}

/** Why a step was not delivered or not sent; empty if it was, or still may be in time. @param {Step} step @param {Dispatch} dispatch @param {boolean} overdue */
export function whyNot(step, dispatch, overdue) {
  const { status: is, answer, condition_status: condition } = step;
  const time = duration(step.expiry_time);
  if (!step.claimed_at) return whyUnsent(step, dispatch);
  if (step.late) return `It was ${success(step)} after its window of ${time}. Vonage reported it late.`;
  if (step.condition_met) return "";
  if (is === "rejected" || is === "undeliverable") {
    const error = errorOf(step, dispatch);
    return error ? errorWords(error) : `Vonage reported it ${is} and gave no reason.`;
  }
  if (is === null && answer === "opted_out") return "The customer has opted out.";
  const skipped = own(SKIPPED, answer ?? "");
  if (is === null && skipped) return `${skipped.why}, so it was skipped.`;
  if (is === null && answer === "refused") return refusal(step) || "Vonage refused it and gave no reason.";
  const inTime = !overdue && dispatch.outcome === null && !dispatch.steps[step.step + 1]?.claimed_at;
  if (is === null && answer === "unavailable") {
    const tries = inTime ? `Try ${step.tries} failed. Getthrough tries again.` : `${step.tries} tries in ${time}.`;
    return `${refusal(step) || "Vonage could not be reached."} ${tries}`;
  }
  if (inTime || dispatch.outcome === "cancelled" || dispatch.outcome === "stopped") return "";
  if (is === "delivered" || is === "read") return `It was ${is}, but not ${met(condition)} within ${time}.`;
  if (is === "submitted") {
    return `${capital(carrier(step))} received it, but did not report it ${met(condition)} within ${time}. The phone may be off.`;
  }
  return answer === "unknown"
    ? `Vonage’s response was lost, and no report came within ${time}.`
    : `Vonage accepted it, but no report came within ${time}.`;
}

/** @param {Step} step @param {Dispatch} dispatch */
function whyUnsent({ step }, { outcome, succeeded_by: by }) {
  if (outcome === "succeeded") {
    return by === null ? "Not needed: the customer has acted." : `Not needed: step ${by + 1} succeeded.`;
  }
  if (outcome === "cancelled") return "Cancelled before it was sent.";
  if (outcome === "stopped") return "The customer opted out before it was sent.";
  return outcome === null && step ? `Sent only if step ${step} does not succeed.` : "";
}

/** The last error that Vonage reported for a step. @param {Step} step @param {Dispatch} dispatch */
function errorOf(step, { timeline }) {
  return timeline
    .filter((entry) => entry.event === "status")
    .findLast((entry) => entry.step === step.step && entry.error)?.error;
}

/** "1280 Number blocked by the carrier." and what to do about it. The title is used if there is no detail. @param {ProviderError} error */
function errorWords({ code, title, meaning, detail }) {
  const what = [code, detail || title].filter((part) => part !== null && part !== "").join(" ");
  const advice =
    code === EXPIRED ? "The phone may have been off. The same number may work later." : own(ADVICE, meaning ?? "");
  return advice ? `${sentence(what)} ${advice}` : sentence(what);
}

/** The code of a message whose time to live ended on the way. It says nothing about the number. */
const EXPIRED = 1360;

/** What to do about each meaning of Vonage's codes. @type {Record<string, string>} */
const ADVICE = {
  try_again: "The same number may work later.",
  try_next: "This number can’t be reached on this channel. Another one may work.",
  never_again: "Don’t send to this contact again.",
  invalid_request: "The request is wrong. Correct it before you send it again.",
  account: "The Vonage account is suspended or has reached a limit. Check the account.",
};

/** @param {Step | undefined} step */
export function carrier(step) {
  return step ? channelOf(step.channel).carrier : "the carrier";
}

/** The reason for which Vonage refused a step. @param {Step} step */
export function refusal({ problem }) {
  if (!problem) return "";
  const listed = Array.isArray(problem.invalid_parameters) ? problem.invalid_parameters.filter(Boolean) : [];
  const reasons = listed.map(({ name, reason }) => `“${name}” ${reason}`);
  const code = /#(\d+)$/.exec(String(problem.type ?? ""))?.[1];
  const what = [code, problem.title].filter(Boolean).join(" ");
  return [[what, problem.detail].filter(Boolean).join(": "), ...reasons].join(" ");
}
