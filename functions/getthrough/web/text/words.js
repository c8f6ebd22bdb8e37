/** Puts the API's answers into words. Pure: no element, no request, no clock. */

/** @import { Usage } from "#api" */
/** @import { ApiError } from "../api/api.js" */

/** @typedef {"good" | "bad" | "wait" | "late" | "idle"} Tone */
/** @typedef {{text: string, tone: Tone}} Badge */

/** Why a step was skipped: in a few words, and in a sentence. */
export const SKIPPED = {
  quiet: { short: "quiet hours", why: "It was due in quiet hours" },
  limited: { short: "limit reached", why: "A limit was reached" },
  service_window_closed: {
    short: "needs a template",
    why: "The customer has not written in the last 24 hours, and it is no template",
  },
  channel_down: { short: "channel down", why: "Nearly all messages on this channel to this country failed" },
};

/**
 * A text without the characters at its end that match. `replace(/x+$/, "")` would look at a long row of them again from
 * each of them.
 * @param {string} text @param {RegExp} one   matches one character
 */
export function withoutEnd(text, one) {
  let end = text.length;
  while (end > 0 && one.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** A text with one full stop at its end. @param {string} text */
export function sentence(text) {
  return `${withoutEnd(text, /[.\s]/)}.`;
}

/** @param {string} text */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "2 min 5 s" @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  return whole < 3600 ? inUnits(whole, 60, "min", "s") : inUnits(Math.floor(whole / 60), 60, "h", "min");
}

/** "15 seconds", but "2 min 5 s" @param {number} seconds */
export function spelled(seconds) {
  if (seconds === 1) return "1 second";
  return seconds < 60 ? `${seconds} seconds` : duration(seconds);
}

/** @param {number} count @param {number} size @param {string} large @param {string} small */
function inUnits(count, size, large, small) {
  return `${Math.floor(count / size)} ${large}${count % size ? ` ${count % size} ${small}` : ""}`;
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

/** A price without needless digits: "EUR 1.20", "EUR 0.0333". @param {Usage} usage */
export function money({ currency, price }) {
  const [whole, rest = ""] = price.split(".");
  return `${currency} ${whole}.${withoutEnd(rest, /0/).padEnd(2, "0")}`;
}

/** What went wrong and what to do. @param {ApiError} error @param {"load" | "send" | "sign in" | "change"} attempt */
export function trouble({ status, problem = {} }, attempt) {
  const next = attempt === "load" ? "Trying again automatically." : "Wait a moment, then try again.";
  const again = "Press the button again. The message is sent only once.";
  if (status === undefined) return "This could not be shown, because of an error in this page. Reload it.";
  if (status === 0 && attempt === "load") return "Waiting for the connection.";
  if (status === 0) return `No answer from the server. ${attempt === "send" ? again : next}`;
  if (status === 401) return "The client name or the secret is wrong. Check both, then try again.";
  if (status === 404 && attempt === "load") {
    return "This message was not found. Check the link. Old messages are deleted after a while.";
  }
  if (status === 429) return `Too many requests at once. ${next}`;
  if (status >= 500) {
    const safe = attempt === "send" && !(status === 503 && problem.detail);
    return `The server could not answer (${status}). ${safe ? again : next}`;
  }
  const sentences = [problem.title, problem.detail].filter(Boolean).map((text) => sentence(`${text}`));
  return sentences.join(" ") || `The request was refused (${status}).`;
}

/** @param {string | null} outcome @returns {Badge} */
export function outcomeBadge(outcome) {
  switch (outcome) {
    case null:
    case "open":
      return { text: "In progress", tone: "wait" };
    case "planned":
      return { text: "Planned", tone: "wait" };
    case "succeeded":
      return { text: "Delivered", tone: "good" };
    case "exhausted":
      return { text: "Not delivered", tone: "bad" };
    case "cancelled":
      return { text: "Cancelled", tone: "idle" };
    case "stopped":
      return { text: "Stopped: opted out", tone: "idle" };
    default:
      return { text: outcome, tone: "idle" };
  }
}

/** A condition as an adjective: "delivered", "read", "answered". @param {string} condition */
export function met(condition) {
  return condition === "replied" ? "answered" : condition;
}
