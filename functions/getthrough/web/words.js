/** What the API says, in words. Pure: no element, no request, no clock. */

/** @import { ApiError, Dispatch, Entry, Step, Usage } from "./api.js" */

/** @typedef {"good" | "bad" | "wait" | "late" | "idle"} Tone */
/** @typedef {{text: string, tone: Tone}} Badge */

/**
 * @typedef {object} Channel
 * @property {string} name
 * @property {boolean} reads   it can report that a message was read
 * @property {string} carrier   who brings the message to the phone
 * @property {string} to   an example
 * @property {string} from   an example
 * @property {string} toHint
 * @property {string} fromHint
 */

const NUMBER_HINT = "The customer’s number with country code.";

/** @type {Record<string, Channel>} */
export const CHANNELS = {
  sms: { name: "SMS", reads: false, carrier: "the mobile network", to: "447700900001", from: "BAKERY",
    toHint: NUMBER_HINT, fromHint: "Your number, or a name of up to 11 letters and digits." },
  whatsapp: { name: "WhatsApp", reads: true, carrier: "WhatsApp", to: "447700900001", from: "447700900100",
    toHint: NUMBER_HINT, fromHint: "Your WhatsApp business number." },
  messenger: { name: "Messenger", reads: true, carrier: "Messenger", to: "1234567890123456", from: "9876543210987654",
    toHint: "The customer’s id for your Facebook page.", fromHint: "The id of your Facebook page." },
  viber_service: { name: "Viber", reads: true, carrier: "Viber", to: "447700900001", from: "12345",
    toHint: NUMBER_HINT, fromHint: "Your Viber service id." },
  rcs: { name: "RCS", reads: true, carrier: "the mobile network", to: "447700900001", from: "Bakery",
    toHint: NUMBER_HINT, fromHint: "Your RCS sender id." },
};

/** @param {string} channel */
export function channelName(channel) {
  return CHANNELS[channel]?.name ?? channel;
}

/** "SMS to 447700900001" @param {string} channel @param {string} address */
export function contact(channel, address) {
  return `${channelName(channel)} to ${address}`;
}

/** A phone number as Vonage wants it; anything that does not look like one stays as typed. @param {string} typed */
export function plainNumber(typed) {
  const text = typed.trim();
  return /^\+?[\d\s().-]+$/.test(text) ? text.replace(/\D/g, "").replace(/^00/, "") : text;
}

/** "2 min 5 s" @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const [most, rest] = whole < 3600 ? [60, 1] : [3600, 60];
  const left = Math.floor((whole % most) / rest);
  const units = whole < 3600 ? ["min", "s"] : ["h", "min"];
  return `${Math.floor(whole / most)} ${units[0]}${left ? ` ${left} ${units[1]}` : ""}`;
}

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 1, hourCycle: "h23" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

/** The time of day, or with the day if it was not today. @param {string} at @param {Date} today */
export function when(at, today) {
  const date = new Date(at);
  return (date.toDateString() === today.toDateString() ? TIME : DAY).format(date);
}

/** @param {string} at */
export function fullTime(at) {
  return FULL.format(new Date(at));
}

/** The time of day to a tenth of a second. @param {string} at */
export function clock(at) {
  return CLOCK.format(new Date(at));
}

/** "+1.2 s" @param {string} from @param {string} to */
export function elapsed(from, to) {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  return `+${Math.abs(seconds) < 60 ? `${seconds.toFixed(1)}\u00a0s` : duration(seconds)}`;
}

/** @param {Usage} usage */
export function money({ currency, price }) {
  return `${currency} ${price}`;
}

/** The plan of a message that was not sent yet. @param {{channel: string, to: string, seconds: number | null, condition: string}[]} contacts */
export function plan(contacts) {
  const parts = contacts.map(({ channel, to }, index) => {
    const before = contacts[index - 1];
    const told = `${channelName(channel)} to ${to || "…"}`;
    if (!before) return `First ${told}`;
    return `if that is not ${before.condition} within ${before.seconds ? duration(before.seconds) : "…"}, ${told}`;
  });
  return parts.join("; ").replace(/([^…])$/, "$1.");
}

/** What is wrong and what to do. @param {ApiError} error @param {"look" | "send" | "sign in"} wish */
export function trouble({ status = 0, problem = {} }, wish) {
  const next = wish === "look" ? "Trying again by itself." : "Wait a moment, then try again.";
  const maybe = "It may have been accepted all the same: look for it among the newest dispatches before you send it again.";
  if (status === 0) return `No answer came: the network or the server is away. ${wish === "send" ? maybe : next}`;
  if (status === 401) return "There is no client with this name and secret. Check both, then try again.";
  if (status === 404 && wish === "look") return "There is no such dispatch here. Old ones are deleted after a while; check the link for a typing error.";
  if (status === 429) return `Too many requests at once. ${next}`;
  if (status >= 500) return `The server could not answer (${status}). ${wish === "send" && !(status === 503 && problem.detail) ? maybe : next}`;
  const said = [problem.title, problem.detail].filter(Boolean).map((text) => String(text).replace(/[.\s]*$/, "."));
  return said.join(" ") || `This was refused (${status}).`;
}

/** @param {string | null} outcome @returns {Badge} */
export function outcomeBadge(outcome) {
  switch (outcome) {
    case null: return { text: "Under way", tone: "wait" };
    case "succeeded": return { text: "Got through", tone: "good" };
    case "exhausted": return { text: "Not through", tone: "bad" };
    case "cancelled": return { text: "Cancelled", tone: "idle" };
    case "stopped": return { text: "Stopped: opted out", tone: "idle" };
    default: return { text: outcome, tone: "idle" };
  }
}

/** What became of a message that met its condition. @param {string} condition */
export function met(condition) {
  return condition === "replied" ? "answered" : condition;
}

/** A dispatch in one sentence. @param {Dispatch} dispatch */
export function headline(dispatch) {
  const { outcome, steps } = dispatch;
  const by = steps[dispatch.succeeded_by ?? -1];
  if (by) return `${contact(by.channel, by.to)} was ${success(by)}${by.late ? ", late" : ""}`;
  const out = steps.findLast((step) => step.claimed_at);
  switch (outcome) {
    case null: return out ? `${contact(out.channel, out.to)} ${underWay(out)}` : "Accepted";
    case "exhausted": return steps.length === 1 ? "The message did not get through" : "None of the messages got through";
    case "cancelled": return "Cancelled before it got through";
    case "stopped": return "Stopped, because the customer opted out";
    default: return outcome;
  }
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
    said.push(`${late.map((step) => `Step ${step.step + 1}`).join(" and ")} was reported ${met(late[0].condition_status)} only after its time was over.`);
  }
  if (dispatch.double_messages) said.push(`The customer got ${dispatch.double_messages + 1} messages.`);
  if (dispatch.outcome === "exhausted" && dispatch.steps.some(mayArrive)) said.push("A message that arrives after all will still show here.");
  return said.join(" ");
}

/** @param {Step} step */
function mayArrive({ answer, status: is }) {
  return answer !== "refused" && is !== "rejected" && is !== "undeliverable";
}

/** Where a step stands. @param {Step} step @param {Dispatch} dispatch @returns {Badge} */
export function stepBadge(step, dispatch) {
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
  if (dispatch.timeline.some((entry) => entry.event === "opted_out" && entry.step === step.step)) return { text: "Opted out", tone: "idle" };
  if (is === null && step.answer === "refused") return { text: "Refused by Vonage", tone: "bad" };
  const over = dispatch.outcome !== null || dispatch.steps[step.step + 1]?.claimed_at;
  if (over) return { text: `Not ${met(step.condition_status)} in time`, tone: "bad" };
  if (is === "delivered" || is === "read") return { text: `${capital(is)}, not ${met(step.condition_status)} yet`, tone: "wait" };
  if (is !== null || step.answer === "accepted") return { text: "On its way", tone: "wait" };
  if (step.answer === "unavailable") return { text: "Vonage did not take it; trying again", tone: "wait" };
  if (step.answer === "unknown") return { text: "Unclear whether Vonage took it", tone: "wait" };
  return { text: "Sending", tone: "wait" };
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What Vonage refused a step with. @param {Step} step */
export function refusal({ problem }) {
  if (!problem) return "";
  const listed = Array.isArray(problem.invalid_parameters) ? problem.invalid_parameters.filter(Boolean) : [];
  const faults = listed.map(({ name, reason }) => `“${name}” ${reason}`);
  return [[problem.title, problem.detail].filter(Boolean).join(": "), ...faults].join(" ");
}

/** @param {Entry} entry @param {Dispatch} dispatch @returns {Badge} */
export function eventWords(entry, dispatch) {
  const step = entry.step === null ? undefined : dispatch.steps[entry.step];
  switch (entry.event) {
    case "accepted": return { text: "Accepted and stored.", tone: "idle" };
    case "sent": return { text: `${step ? contact(step.channel, step.to) : "Message"} sent${because(entry)}.`, tone: "idle" };
    case "opted_out": return { text: step && step.answer !== "opted_out" ? "The customer opted out: no more waiting for this one." : `Not sent${step ? ` to ${step.to}` : ""}: the customer has opted out.`, tone: "idle" };
    case "normalised": return { text: `“${entry.given}” is written as ${entry.used}.`, tone: "idle" };
    case "replied": return { text: "The customer answered.", tone: step?.late ? "late" : "good" };
    case "revoked": return { text: entry.accepted ? "Vonage takes it back: it is not to arrive any more." : "Vonage did not take it back: it may still arrive.", tone: "idle" };
    case "answered": return step ? answered(entry, step) : { text: "Vonage answered.", tone: "idle" };
    case "status": return status(entry, step);
    case "window_ended": return { text: step ? `The window of ${duration(step.expiry_time)} ended: not ${met(step.condition_status)}.` : "The window ended.", tone: "bad" };
    case "finished": {
      const { tone } = step?.late ? { tone: /** @type {Tone} */ ("late") } : outcomeBadge(entry.outcome ?? null);
      return { text: `Finished: ${finished(entry, step)}.`, tone };
    }
    default: return { text: entry.event, tone: "idle" };
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
    case "accepted": return { text: `Handed to Vonage${again}.`, tone: "idle" };
    case "refused": return { text: `Vonage refused it${number}${again}. ${refusal(step)}`.trim(), tone: "bad" };
    case "unavailable": return { text: `${code ? `Vonage did not take it${number}` : "Vonage could not be reached"}${again}. ${refusal(step)}`.trim(), tone: "wait" };
    case "opted_out": return { text: "Not tried again: the customer has opted out.", tone: "idle" };
    case "unknown": return { text: `No clear answer from Vonage${number}${again}: it may have taken the message, so it is not simply sent twice. A status report settles it.`, tone: "wait" };
    default: return { text: `Vonage answered: ${answer}.`, tone: "idle" };
  }
}

/** @param {Entry} entry @param {Step | undefined} step @returns {Badge} */
function status(entry, step) {
  const cost = entry.usage && Number(entry.usage.price) > 0 ? `, cost ${money(entry.usage)}` : "";
  const reason = entry.error ? ` ${[entry.error.code, entry.error.detail].filter((part) => part || part === 0).join(": ")}.`.replace(/\.+$/, ".") : "";
  switch (entry.status) {
    case "submitted": return { text: `Handed on to ${CHANNELS[step?.channel ?? ""]?.carrier ?? "the carrier"}${cost}.`, tone: "idle" };
    case "delivered":
    case "read": return { text: `${entry.status === "read" ? "Read" : "Delivered"}${cost}.`, tone: entry.late ? "late" : "good" };
    case "rejected": return { text: `Rejected${cost}.${reason}`, tone: "bad" };
    case "undeliverable": return { text: `Could not be delivered${cost}.${reason}`, tone: "bad" };
    default: return { text: `Vonage reported “${entry.status}”${cost}.${reason}`, tone: "idle" };
  }
}

/** @param {Entry} entry @param {Step | undefined} step */
function finished({ outcome, step: number }, step) {
  switch (outcome) {
    case "succeeded": return step ? `got through by step ${(number ?? 0) + 1}${step.late ? ", late" : ""}` : "got through";
    case "exhausted": return "no step got through";
    case "cancelled": return "cancelled";
    case "stopped": return "the customer opted out";
    default: return String(outcome);
  }
}
