/** What the API says, in words. Pure: no element, no request, no clock. */

/** @import { ApiError, Usage } from "../api/api.js" */

/** @typedef {"good" | "bad" | "wait" | "late" | "idle"} Tone */
/** @typedef {{text: string, tone: Tone}} Badge */

/**
 * @typedef {object} Channel
 * @property {string} name
 * @property {boolean} reads   it can report that a message was read
 * @property {string} carrier   who brings the message to the phone
 */

/** @type {Record<string, Channel>} */
export const CHANNELS = {
  sms: { name: "SMS", reads: false, carrier: "the mobile network" },
  whatsapp: { name: "WhatsApp", reads: true, carrier: "WhatsApp" },
  rcs: { name: "RCS", reads: true, carrier: "the mobile network" },
  viber_service: { name: "Viber", reads: true, carrier: "Viber" },
  messenger: { name: "Messenger", reads: true, carrier: "Messenger" },
  mms: { name: "MMS", reads: false, carrier: "the mobile network" },
  email: { name: "Email", reads: false, carrier: "the mail server" },
};

/** @param {string} channel */
export function channelName(channel) {
  return CHANNELS[channel]?.name ?? channel;
}

/** "SMS to 447700900001" @param {string} channel @param {string} address */
export function contact(channel, address) {
  return `${channelName(channel)} to ${address}`;
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

const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const CLOCK = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 1,
  hourCycle: "h23",
});
const FULL = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "long" });

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

/** A sum as people write it, with no more digits than it has: "EUR 1.20", "EUR 0.0333". @param {Usage} usage */
export function money({ currency, price }) {
  const [whole, rest = ""] = price.split(".");
  return `${currency} ${whole}.${rest.replace(/0+$/, "").padEnd(2, "0")}`;
}

/** What is wrong and what to do. @param {ApiError} error @param {"look" | "send" | "sign in" | "change"} wish */
export function trouble({ status = 0, problem = {} }, wish) {
  const next = wish === "look" ? "Trying again by itself." : "Wait a moment, then try again.";
  const maybe = "Press the button again: even if the first try did arrive, it goes out once.";
  if (status === 0 && wish === "look") return "Waiting for the connection.";
  if (status === 0) return `No answer came: the network or the server is away. ${wish === "send" ? maybe : next}`;
  if (status === 401) return "There is no client with this name and secret. Check both, then try again.";
  if (status === 404 && wish === "look")
    return "There is no such dispatch here. Old ones are deleted after a while; check the link for a typing error.";
  if (status === 429) return `Too many requests at once. ${next}`;
  if (status >= 500)
    return `The server could not answer (${status}). ${wish === "send" && !(status === 503 && problem.detail) ? maybe : next}`;
  const said = [problem.title, problem.detail].filter(Boolean).map((text) => String(text).replace(/[.\s]*$/, "."));
  return said.join(" ") || `This was refused (${status}).`;
}

/** @param {string | null} outcome @returns {Badge} */
export function outcomeBadge(outcome) {
  switch (outcome) {
    case null:
      return { text: "Under way", tone: "wait" };
    case "succeeded":
      return { text: "Got through", tone: "good" };
    case "exhausted":
      return { text: "Not through", tone: "bad" };
    case "cancelled":
      return { text: "Cancelled", tone: "idle" };
    case "stopped":
      return { text: "Stopped: opted out", tone: "idle" };
    default:
      return { text: outcome, tone: "idle" };
  }
}

/** What became of a message that met its condition. @param {string} condition */
export function met(condition) {
  return condition === "replied" ? "answered" : condition;
}
