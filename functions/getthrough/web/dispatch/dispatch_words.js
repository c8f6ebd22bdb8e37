/** What the API says of one dispatch, in words. Pure: no element, no request, no clock. */

import { CHANNELS, contact, duration, met, money, outcomeBadge } from "../text/words.js";

/** @import { Dispatch, Entry, Step } from "../api/api.js" */
/** @import { Badge, Tone } from "../text/words.js" */

/** A dispatch in one sentence. @param {Dispatch} dispatch */
export function headline(dispatch) {
  const { outcome, steps } = dispatch;
  const by = steps[dispatch.succeeded_by ?? -1];
  if (by) return `${contact(by.channel, by.to)} was ${success(by)}${by.late ? ", late" : ""}`;
  const out = steps.findLast((step) => step.claimed_at);
  switch (outcome) {
    case null:
      return waiting(dispatch, out) || (out ? `${contact(out.channel, out.to)} ${underWay(out)}` : "Accepted");
    case "exhausted":
      return steps.length === 1 ? "The message did not get through" : "None of the messages got through";
    case "cancelled":
      return "Cancelled before it got through";
    case "stopped":
      return "Stopped, because the customer opted out";
    default:
      return outcome;
  }
}

/** What nothing happens for, and until when. @param {Dispatch} dispatch @param {Step | undefined} out */
function waiting({ held_until: held, send_at: at, steps }, out) {
  const next = steps[out ? out.step + 1 : 0] ?? steps[0];
  if (held) return `${contact(next.channel, next.to)} waits for the end of quiet hours`;
  return at && !out ? `${contact(next.channel, next.to)} is to be sent later` : "";
}

/** @param {Step} step */
function success({ status: is, condition_status: condition }) {
  return condition === "replied" ? met(condition) : is === "read" ? "read" : "delivered";
}

/** @param {Step} step */
function underWay({ status: is, answer, condition_status: condition }) {
  if (is === "delivered" || is === "read") return `was ${is}, but not ${met(condition)} yet`;
  if (is === null && answer === "unavailable") return "waits until Vonage takes it";
  if (is === null && answer === "unknown") return "may be on its way";
  return "is on its way";
}

/** What else must be known of the outcome. @param {Dispatch} dispatch */
export function remarks(dispatch) {
  const said = [];
  const late = dispatch.steps.filter((step) => step.late);
  if (late.length) {
    said.push(
      `${late.map((step) => `Step ${step.step + 1}`).join(" and ")} was reported ${met(late[0].condition_status)} only after its time was over.`,
    );
  }
  if (dispatch.double_messages) said.push(`The customer got ${dispatch.double_messages + 1} messages.`);
  if (dispatch.outcome === "exhausted" && dispatch.steps.some(mayArrive))
    said.push("A message that arrives after all will still show here.");
  return said.join(" ");
}

/** @param {Step} step */
function mayArrive({ answer, status: is }) {
  return answer !== "refused" && is !== "rejected" && is !== "undeliverable";
}

/** Where a step stands; `overdue` if its window has ended and nothing was done about it yet. @param {Step} step @param {Dispatch} dispatch @param {boolean} overdue @returns {Badge} */
export function stepBadge(step, dispatch, overdue) {
  const is = step.status;
  if (step.condition_met) {
    const text = capital(success(step));
    return step.late ? { text: `${text}, late`, tone: "late" } : { text, tone: "good" };
  }
  if (!step.claimed_at) {
    if (dispatch.outcome === null) return { text: "Not sent yet", tone: "idle" };
    return { text: dispatch.outcome === "succeeded" ? "Not needed" : "Not sent", tone: "idle" };
  }
  if (is === "rejected") return { text: "Rejected", tone: "bad" };
  if (is === "undeliverable") return { text: "Undeliverable", tone: "bad" };
  if (is === null && step.answer === "opted_out") return { text: "Not sent: opted out", tone: "idle" };
  if (dispatch.timeline.some((entry) => entry.event === "opted_out" && entry.step === step.step))
    return { text: "Opted out", tone: "idle" };
  if (is === null && step.answer === "quiet") return { text: "Passed over: quiet hours", tone: "idle" };
  if (is === null && step.answer === "refused") return { text: "Refused by Vonage", tone: "bad" };
  const timeUp = dispatch.timeline.some((entry) => entry.event === "window_ended" && entry.step === step.step);
  const halted = dispatch.outcome === "cancelled" || dispatch.outcome === "stopped";
  if (halted && !timeUp && !dispatch.steps[step.step + 1]?.claimed_at)
    return { text: `Stopped before it was ${met(step.condition_status)}`, tone: "idle" };
  const over = overdue || dispatch.outcome !== null || dispatch.steps[step.step + 1]?.claimed_at;
  if (over) return { text: `Not ${met(step.condition_status)} in time`, tone: "bad" };
  if (is === "delivered" || is === "read")
    return { text: `${capital(is)}, not ${met(step.condition_status)} yet`, tone: "wait" };
  if (is !== null || step.answer === "accepted") return { text: "On its way", tone: "wait" };
  if (step.answer === "unavailable") return { text: "Vonage did not take it; trying again", tone: "wait" };
  if (step.answer === "unknown") return { text: "Unclear whether Vonage took it", tone: "wait" };
  return { text: "Sending", tone: "wait" };
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Why a step did not arrive, or was not sent: empty if it did, or still may in time. @param {Step} step @param {Dispatch} dispatch @param {boolean} overdue */
export function whyNot(step, dispatch, overdue) {
  const { status: is, answer, condition_status: condition } = step;
  const failure = dispatch.timeline.findLast((entry) => entry.step === step.step && entry.error)?.error;
  const time = duration(step.expiry_time);
  if (!step.claimed_at) return unsent(step, dispatch);
  if (step.late) return `It was ${success(step)} after its ${time} were over: Vonage reported it late.`;
  if (step.condition_met) return "";
  if ((is === "rejected" || is === "undeliverable") && failure) return failed(failure);
  if (is === "rejected" || is === "undeliverable") return `Vonage reported it ${is} and gave no reason.`;
  if (is === null && answer === "opted_out") return "The customer has opted out.";
  if (is === null && answer === "quiet") return "Its turn came in quiet hours, in which it was not to be sent.";
  if (is === null && answer === "refused") return refusal(step) || "Vonage refused it and gave no reason.";
  const inTime = !overdue && dispatch.outcome === null && !dispatch.steps[step.step + 1]?.claimed_at;
  if (is === null && answer === "unavailable")
    return `${refusal(step) || "Vonage could not be reached."}${inTime ? ` Try ${step.tries} failed; it is tried again.` : ` ${step.tries} tries in ${time}.`}`;
  if (inTime || dispatch.outcome === "cancelled" || dispatch.outcome === "stopped") return "";
  if (is === "delivered" || is === "read") return `It was ${is}, but not ${met(condition)} within ${time}.`;
  if (is === "submitted")
    return `${capital(carrier(step))} had it, but did not report it ${met(condition)} within ${time}: the phone may be off.`;
  return answer === "unknown"
    ? `Nobody knows whether Vonage took it: no report came within ${time}.`
    : `Vonage took it, but no report came within ${time}.`;
}

/** @param {Step} step @param {Dispatch} dispatch */
function unsent({ step }, { outcome, succeeded_by: by }) {
  if (outcome === "succeeded") return `Not needed: step ${(by ?? 0) + 1} got through.`;
  if (outcome === "cancelled") return "Cancelled before its turn came.";
  if (outcome === "stopped") return "The customer opted out before its turn came.";
  return outcome === null && step ? `Only if step ${step} does not get through.` : "";
}

/** "1280 Number blocked by the carrier." and what that asks for; the title, which says the same in fewer words, only for want of a detail. @param {NonNullable<Entry["error"]>} error */
function failed({ code, title, meaning, detail }) {
  const said = [code, detail || title]
    .filter((part) => part !== null && part !== "")
    .join(" ")
    .replace(/[.\s]*$/, ".");
  const asked =
    code === EXPIRED ? "The phone may have been off: the same number may be reached later." : MEANINGS[meaning ?? ""];
  return asked ? `${said} ${asked}` : said;
}

/** Its time to live ran out on the way: that says nothing of the number, whatever is best tried next. */
const EXPIRED = 1360;

/** What the meanings of Vonage's codes ask for. @type {Record<string, string>} */
const MEANINGS = {
  try_again: "The same number may be reached later.",
  try_next: "This number will not get it on this channel; another one may.",
  never_again: "This contact must not be sent anything.",
  our_fault: "The request is wrong: change it before it is sent again.",
  account: "The Vonage account is stopped or has reached a limit: somebody has to see to it.",
};

/** @param {Step} step */
function carrier({ channel }) {
  return CHANNELS[channel]?.carrier ?? "the carrier";
}

/** What Vonage refused a step with. @param {Step} step */
function refusal({ problem }) {
  if (!problem) return "";
  const listed = Array.isArray(problem.invalid_parameters) ? problem.invalid_parameters.filter(Boolean) : [];
  const faults = listed.map(({ name, reason }) => `“${name}” ${reason}`);
  const code = /#(\d+)$/.exec(String(problem.type ?? ""))?.[1];
  const what = [code, problem.title].filter(Boolean).join(" ");
  return [[what, problem.detail].filter(Boolean).join(": "), ...faults].join(" ");
}

/** @param {Entry} entry @param {Dispatch} dispatch @returns {Badge} */
export function eventWords(entry, dispatch) {
  const step = entry.step === null ? undefined : dispatch.steps[entry.step];
  switch (entry.event) {
    case "accepted":
      return { text: "Accepted and stored.", tone: "idle" };
    case "sent":
      return { text: `${step ? contact(step.channel, step.to) : "Message"} sent${because(entry)}.`, tone: "idle" };
    case "opted_out":
      return {
        text:
          step && step.answer !== "opted_out"
            ? "The customer opted out: no more waiting for this one."
            : `Not sent${step ? ` to ${step.to}` : ""}: the customer has opted out.`,
        tone: "idle",
      };
    case "normalised":
      return { text: `“${entry.given}” is written as ${entry.used}.`, tone: "idle" };
    case "replied":
      return { text: "The customer answered.", tone: step?.late ? "late" : "good" };
    case "quiet_hours":
      return { text: `Not sent${step ? ` to ${step.to}` : ""}: its turn came in quiet hours.`, tone: "idle" };
    case "revoked":
      return {
        text: entry.accepted
          ? "Vonage takes it back: it is not to arrive any more."
          : "Vonage did not take it back: it may still arrive.",
        tone: "idle",
      };
    case "answered":
      return step ? answered(entry, step) : { text: "Vonage answered.", tone: "idle" };
    case "status":
      return status(entry, step);
    case "window_ended":
      return {
        text: step
          ? `The window of ${duration(step.expiry_time)} ended: not ${met(step.condition_status)}.`
          : "The window ended.",
        tone: "bad",
      };
    case "finished": {
      const { tone } = step?.late ? { tone: /** @type {Tone} */ ("late") } : outcomeBadge(entry.outcome ?? null);
      return { text: `Finished: ${finished(entry, step)}.`, tone };
    }
    default:
      return { text: entry.event, tone: "idle" };
  }
}

/** @param {Entry} entry */
function because({ because: why, step }) {
  if (why === "failed") return `, because step ${step} failed`;
  if (why === "window_ended") return `, because the window of step ${step} ended`;
  if (why === "opted_out") return `, because the customer opted out of step ${step}`;
  return "";
}

/** @param {Entry} entry @param {Step} step @returns {Badge} */
function answered({ answer, http_status: code, tries = 1 }, step) {
  const number = code ? ` (${code})` : "";
  const again = tries > 1 ? ` at try ${tries}` : "";
  switch (answer) {
    case "accepted":
      return { text: `Handed to Vonage${again}.`, tone: "idle" };
    case "refused":
      return { text: `Vonage refused it${number}${again}. ${refusal(step)}`.trim(), tone: "bad" };
    case "unavailable":
      return {
        text: `${code ? `Vonage did not take it${number}` : "Vonage could not be reached"}${again}. ${refusal(step)}`.trim(),
        tone: "wait",
      };
    case "opted_out":
      return { text: "Not tried again: the customer has opted out.", tone: "idle" };
    case "quiet":
      return { text: "Not tried again: quiet hours have begun.", tone: "idle" };
    case "unknown":
      return {
        text: `No clear answer from Vonage${number}${again}: it may have taken the message, so it is not sent again. A status report settles it.`,
        tone: "wait",
      };
    default:
      return { text: `Vonage answered: ${answer}.`, tone: "idle" };
  }
}

/** @param {Entry} entry @param {Step | undefined} step @returns {Badge} */
function status(entry, step) {
  const cost = entry.usage && Number(entry.usage.price) > 0 ? `, cost ${money(entry.usage)}` : "";
  const reason = entry.error
    ? ` ${[entry.error.code, entry.error.detail].filter((part) => part || part === 0).join(": ")}.`.replace(/\.+$/, ".")
    : "";
  switch (entry.status) {
    case "submitted":
      return { text: `Handed on to ${step ? carrier(step) : "the carrier"}${cost}.`, tone: "idle" };
    case "delivered":
    case "read":
      return { text: `${entry.status === "read" ? "Read" : "Delivered"}${cost}.`, tone: entry.late ? "late" : "good" };
    case "rejected":
      return { text: `Rejected${cost}.${reason}`, tone: "bad" };
    case "undeliverable":
      return { text: `Could not be delivered${cost}.${reason}`, tone: "bad" };
    default:
      return { text: `Vonage reported “${entry.status}”${cost}.${reason}`, tone: "idle" };
  }
}

/** @param {Entry} entry @param {Step | undefined} step */
function finished({ outcome, step: number }, step) {
  switch (outcome) {
    case "succeeded":
      return step ? `got through by step ${(number ?? 0) + 1}${step.late ? ", late" : ""}` : "got through";
    case "exhausted":
      return "no step got through";
    case "cancelled":
      return "cancelled";
    case "stopped":
      return "the customer opted out";
    default:
      return String(outcome);
  }
}
