/** Describes in words what happens if the form is sent as it is. Pure: the caller passes the time. */

import { channelName, channelOf, messageType } from "../channels/channels.js";
import { segmentsOf } from "../text/sms_segments.js";
import { duration, met } from "../text/words.js";
import { momentOf, quietUntil } from "../time/clocks.js";
import { cronOf, cronWords, DAYS, dayName, listed } from "../time/recurrence.js";
import { LAST_WINDOW, repeatOf, secondsOf, textOf } from "./request.js";

/** @import { QuietHours } from "../time/clocks.js" */
/** @import { Draft, Values } from "./request.js" */

const SMS_SENDER = /^(?:\+?[\d\s().-]{3,20}|[ -~]{1,11})$/;
/** Milliseconds between a window's end and the next message, at most. */
const SLACK = 2_000;
/** The latest moment that has a date, however long a window is. */
const LATEST = Date.UTC(9999, 11, 31);

/** @typedef {{steps: string, facts: string[], warning: string}} PlanInWords */

/** @param {Draft} draft @param {number} now @param {string} zone   the browser's @returns {PlanInWords} */
export function planOf(draft, now, zone) {
  const quiet = quietOf(draft.values);
  const starts = draft.values.when === "at" ? momentOf(draft.values.send_at, zone) : now;
  const recurs = draft.values.when === "repeat";
  /** @type {string[]} */
  const facts = [];
  let warning =
    draft.values.when === "at" && starts !== null && starts < now - 60_000
      ? "This time has passed. Choose a later one."
      : "";
  const usable = quiet && isZone(quiet.zone) ? quiet : null;
  if (starts !== null && !recurs && draft.contacts.some(({ to }) => to.trim())) {
    const ends = course(draft, starts, usable);
    facts.push(endsWords(ends, now));
    if (ends.held) facts.push(`Quiet hours: nothing is sent before ${moment(ends.held, now)}.`);
    if (ends.skipped === draft.contacts.length) {
      warning = "Quiet hours apply to all contacts at that time, so nothing would be sent. Choose another time.";
    }
  }
  if (recurs && draft.contacts.length > 1 && !quiet) {
    facts.push(`The last message is sent at most ${duration(windows(draft))} later.`);
  }
  facts.push(segmentsWords(draft));
  if (quiet) facts.push(quietWords(quiet));
  return {
    steps: stepsOf(draft, starts, now, zone),
    facts: facts.filter(Boolean),
    warning: warning || neverWorks(draft),
  };
}

/** The first contact with a sender that no carrier accepts: the name of an SMS has up to 11 plain characters. @param {Draft} draft */
function neverWorks({ contacts }) {
  const index = contacts.findIndex(
    ({ channel, from }) => channel === "sms" && from.trim() && !SMS_SENDER.test(from.trim()),
  );
  const sender = contacts[index]?.from.trim();
  return sender === undefined
    ? ""
    : `Step ${index + 1} can’t work: an SMS is sent from a number, or from a name of up to 11 plain letters. “${sender}” is neither.`;
}

/** "First SMS to 447700900001; if that is not delivered within 15 s, WhatsApp to 447700900002." @param {Draft} draft @param {number | null} starts @param {number} now @param {string} zone */
function stepsOf(draft, starts, now, zone) {
  const { values, contacts } = draft;
  const parts = contacts.map(({ channel, message_type: type, to }, index) => {
    const step = `${kindOf(channel, type)} to ${to.trim() || "…"}`;
    const before = contacts[index - 1];
    if (!before) return contacts.length > 1 ? `first ${step}` : step;
    const seconds = secondsOf(before.expiry_time, before.unit);
    return `if that is not ${met(before.condition_status)} within ${seconds ? duration(seconds) : "…"}, ${step}`;
  });
  const sentence = `${leadOf(values, starts, now, zone)}${parts.join("; ")}`;
  return sentence.charAt(0).toUpperCase() + sentence.slice(1) + (sentence.endsWith("…") ? "" : ".");
}

/** "SMS", "WhatsApp picture" @param {string} channel @param {string} type */
function kindOf(channel, type) {
  const found = messageType(channel, type);
  const plain = found === channelOf(channel).types[0];
  return plain ? channelName(channel) : `${channelName(channel)} ${found.name.toLowerCase()}`;
}

/** @param {Values} values @param {number | null} starts @param {number} now @param {string} zone */
function leadOf(values, starts, now, zone) {
  if (values.when === "at") return `${starts === null ? "At …" : moment(starts, now)}: `;
  if (values.when !== "repeat") return "";
  const cron = cronOf(repeatOf(values));
  const times = values.max_runs ? `, ${values.max_runs} ${values.max_runs === "1" ? "time" : "times"}` : "";
  const last = values.ends_at ? `, until ${DATE.format(Date.parse(`${values.ends_at}T00:00Z`))}` : "";
  return `${cron ? cronWords(cron) : unfinished(values)} (${zone})${times}${last}: `;
}

/** The rhythm while part of it is missing. @param {Values} values */
function unfinished({ every, time }) {
  return every === "week" ? `every week on … at ${time || "…"}` : "at …";
}

/**
 * The times if every window runs to its end. Where quiet hours skip messages, an earlier failure may let a message be sent
 * that would be skipped later. So its window counts, unless it is certain to be skipped.
 * @param {Draft} draft @param {number} starts @param {QuietHours | null} quiet
 */
function course({ values, contacts }, starts, quiet) {
  let at = starts;
  let last = starts;
  let skipped = 0;
  let held = 0;
  contacts.forEach((contact, index) => {
    const until = quiet && !contact.urgent ? quietUntil(quiet, at) : null;
    if (until && quiet?.then === "skip" && at === starts) {
      skipped += 1; // certain, since nothing comes before it
      return;
    }
    if (until && quiet?.then === "wait") {
      if (at === starts) held = until;
      at = until;
    }
    last = at;
    const final = index === contacts.length - 1;
    const seconds = final
      ? (secondsOf(values.give_up, values.give_up_unit) ?? LAST_WINDOW)
      : (secondsOf(contact.expiry_time, contact.unit) ?? 0);
    at = Math.min(at + seconds * 1000 + SLACK, LATEST);
  });
  return { last, over: at, skipped, held, steps: contacts.length };
}

/** Seconds from the first message to the last, if there are no quiet hours. @param {Draft} draft */
function windows({ contacts }) {
  return contacts.slice(0, -1).reduce((sum, contact) => sum + (secondsOf(contact.expiry_time, contact.unit) ?? 0), 0);
}

/** @param {{last: number, over: number, skipped: number, steps: number}} ends @param {number} now */
function endsWords({ last, over, skipped, steps }, now) {
  if (skipped === steps) return "";
  const end = minuteAfter(over);
  const stop = `We stop waiting ${isToday(end, now) ? "at" : "on"} ${moment(end, now)}.`;
  return steps - skipped > 1 ? `The last message is sent by ${moment(minuteAfter(last), now)}. ${stop}` : stop;
}

/** @param {Draft} draft */
function segmentsWords(draft) {
  const texts = draft.contacts.flatMap((contact) => (contact.channel === "sms" ? [textOf(draft.values, contact)] : []));
  const count = texts.reduce((sum, text) => sum + segmentsOf(text).segments, 0);
  if (!count) return "";
  return `${count > 1 ? "About " : ""}${count} SMS ${count === 1 ? "segment" : "segments"}${texts.length < draft.contacts.length || texts.length > 1 ? ", if all are needed" : ""}.`;
}

/** @param {QuietHours} quiet */
function quietWords({ from, to, days, then, zone }) {
  const on = days.length === DAYS.length ? "" : ` on ${listed(days.map((day) => dayName(DAYS.indexOf(day), "short")))}`;
  const effect = then === "skip" ? "Messages due then are skipped." : "Messages due then wait until they end.";
  return `Quiet hours${on}: ${from || "…"} to ${to || "…"} (${zone || "…"}). ${effect}`;
}

/** @param {Values} values @returns {QuietHours | null} */
function quietOf(values) {
  if (!values.quiet) return null;
  return {
    from: values["quiet_hours.from"],
    to: values["quiet_hours.to"],
    days: values["quiet_hours.days"],
    then: values["quiet_hours.then"] === "skip" ? "skip" : "wait",
    zone: values["quiet_hours.time_zone"].trim(),
  };
}

/** @param {string} zone */
function isZone(zone) {
  try {
    new Intl.DateTimeFormat(undefined, { timeZone: zone });
    return zone !== "";
  } catch {
    return false;
  }
}

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const YEAR = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

/** "14:32" today, else with the day. @param {number} at @param {number} now */
export function moment(at, now) {
  if (isToday(at, now)) return TIME.format(at);
  return (Math.abs(at - now) < 300 * 86_400_000 ? DAY : YEAR).format(at);
}

/** @param {number} at @param {number} now */
function isToday(at, now) {
  return new Date(at).toDateString() === new Date(now).toDateString();
}

/** @param {number} at */
function minuteAfter(at) {
  return Math.ceil(at / 60_000) * 60_000;
}
