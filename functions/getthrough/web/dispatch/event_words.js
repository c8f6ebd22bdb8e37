/** Puts the events of a dispatch into words. Pure: no element, no request, no clock. */

import { capital, met, money, outcomeBadge, SKIPPED, spelled, withoutEnd } from "../text/words.js";
import { carrier, recipient, refusal, success } from "./dispatch_words.js";

/** @import { AnsweredEntry, Dispatch, FinishedEntry, SentEntry, StatusEntry, Step, TimelineEntry } from "#api" */
/** @import { Badge } from "../text/words.js" */

/** @param {TimelineEntry} entry @param {Dispatch} dispatch @returns {Badge} */
export function eventWords(entry, dispatch) {
  const step = entry.step === null ? undefined : dispatch.steps[entry.step];
  const to = step ? ` to ${step.to}` : "";
  switch (entry.event) {
    case "accepted":
      return { text: "Accepted and stored.", tone: "idle" };
    case "sent":
      return { text: `${step ? recipient(step) : "Message"} sent${because(entry)}.`, tone: "idle" };
    case "window_chosen":
      return { text: `Window: ${spelled(entry.seconds)}, from ${entry.arrivals} earlier messages.`, tone: "idle" };
    case "opted_out": {
      const sent = step && step.answer !== "opted_out";
      const text = sent
        ? "The customer opted out. Getthrough stops waiting."
        : `Not sent${to}: the customer has opted out.`;
      return { text, tone: "idle" };
    }
    case "normalised":
      return { text: `Number “${entry.given}” read as +${entry.used}.`, tone: "idle" };
    case "client_success":
      return {
        text: `You reported that the customer has acted${entry.reason ? `: ${entry.reason}` : ""}.`,
        tone: "good",
      };
    case "replied":
      return { text: "The customer replied.", tone: step?.late ? "late" : "good" };
    case "quiet_hours":
      return { text: `Not sent${to}: it was due in quiet hours.`, tone: "idle" };
    case "service_window_closed":
    case "channel_down":
      return { text: `Not sent${to}. ${SKIPPED[entry.event].why}.`, tone: "bad" };
    case "limited": {
      const limit = `the limit is ${entry.most} (${entry.limit.replaceAll("_", " ")})`;
      if (entry.until === null) return { text: `Not sent${to}: ${limit}.`, tone: "bad" };
      const seconds = Math.round((Date.parse(entry.until) - Date.parse(entry.at)) / 1000);
      return { text: `Waits for ${spelled(seconds)}: ${limit}.`, tone: "wait" };
    }
    case "revoked": {
      const text = entry.accepted
        ? "Vonage revoked it. It won’t arrive."
        : "Vonage did not revoke it. It may still arrive.";
      return { text, tone: "idle" };
    }
    case "answered":
      return step ? answerWords(entry, step) : { text: "Vonage answered.", tone: "idle" };
    case "status":
      return statusWords(entry, step);
    case "window_ended":
      return {
        text: step ? `Not ${met(step.condition_status)} within ${spelled(step.expiry_time)}.` : "The window ended.",
        tone: "bad",
      };
    case "finished":
      return {
        text: `Finished: ${finishWords(entry, dispatch, step)}.`,
        tone: step?.late ? "late" : outcomeBadge(entry.outcome).tone,
      };
  }
}

/** @param {SentEntry} entry */
function because({ because: why, step }) {
  if (why === "failed") return `, because step ${step} failed`;
  if (why === "window_ended") return `, because the window of step ${step} ended`;
  if (why === "opted_out") return `, because the customer opted out of step ${step}`;
  return "";
}

/** @param {AnsweredEntry} entry @param {Step} step @returns {Badge} */
function answerWords({ answer, http_status: code, tries }, step) {
  const number = code ? ` (${code})` : "";
  const again = tries > 1 ? ` at try ${tries}` : "";
  switch (answer) {
    case "accepted":
      return { text: `Accepted by Vonage${again}.`, tone: "idle" };
    case "refused":
      return { text: `Vonage refused it${number}${again}. ${refusal(step)}`.trim(), tone: "bad" };
    case "unavailable": {
      const what = code ? `Vonage did not accept it${number}` : "Vonage could not be reached";
      return { text: `${what}${again}. ${refusal(step)}`.trim(), tone: "wait" };
    }
    case "opted_out":
      return { text: "Not tried again: the customer has opted out.", tone: "idle" };
    case "quiet":
      return { text: "Not tried again: quiet hours have started.", tone: "idle" };
    case "limited":
      return { text: "Not tried again: a limit is reached.", tone: "bad" };
    case "service_window_closed":
    case "channel_down":
      return { text: `Not tried again. ${SKIPPED[answer].why}.`, tone: "bad" };
    case "unknown":
      return {
        text: `Vonage’s response was lost${number}${again}. The message may have been accepted, so Getthrough waits for a status report.`,
        tone: "wait",
      };
  }
}

/** @param {StatusEntry} entry @param {Step | undefined} step @returns {Badge} */
function statusWords({ status, usage, error, late }, step) {
  const cost = usage && Number(usage.price) > 0 ? `, cost ${money(usage)}` : "";
  const reason = error
    ? ` ${withoutEnd([error.code, error.detail].filter((part) => part || part === 0).join(": "), /\./)}.`
    : "";
  switch (status) {
    case "submitted":
      return { text: `Passed to ${carrier(step)}${cost}.`, tone: "idle" };
    case "delivered":
    case "read":
      return { text: `${capital(status)}${cost}.`, tone: late ? "late" : "good" };
    case "rejected":
      return { text: `Rejected${cost}.${reason}`, tone: "bad" };
    case "undeliverable":
      return { text: `Could not be delivered${cost}.${reason}`, tone: "bad" };
    default:
      return { text: `Vonage reported “${status}”${cost}.${reason}`, tone: "idle" };
  }
}

/** A step that was delivered, and read later, had not been read when its dispatch ended. @param {FinishedEntry} entry @param {Dispatch} dispatch @param {Step | undefined} step */
function finishWords(entry, { timeline }, step) {
  const read = (/** @type {TimelineEntry} */ one) =>
    one.event === "status" && one.step === entry.step && one.status === "read";
  switch (entry.outcome) {
    case "succeeded":
      return step
        ? `step ${step.step + 1} was ${success(timeline.slice(timeline.indexOf(entry)).some(read) ? { ...step, status: "delivered" } : step)}${step.late ? ", late" : ""}`
        : "the customer has acted";
    case "exhausted":
      return "no step succeeded";
    case "cancelled":
      return "cancelled";
    case "stopped":
      return "the customer opted out";
  }
}
