/** What will happen if the form is sent as it is, in words. Pure: the time is given. */

import { FIELDS, typeOf } from "../channels/fields.js";
import { segmentsOf } from "../text/sms_segments.js";
import { channelName, duration, met } from "../text/words.js";
import { momentOf, quietUntil } from "../time/clocks.js";
import { cronOf, cronWords, DAYS, dayName, listed } from "../time/recurrence.js";
import { LAST_WINDOW, repeatOf, secondsOf, textOf } from "./request.js";

/** @import { Draft, Values } from "./request.js" */

/** Milliseconds between a window's end and the next message, at most. */
const SLACK = 2_000;
/** However long a window is: what is later has no date. */
const LATEST = Date.UTC(9999, 11, 31);

/** @typedef {{steps: string, facts: string[], warning: string}} Plan */

/** @param {Draft} draft @param {number} now @param {string} zone   the browser's @returns {Plan} */
export function planOf(draft, now, zone) {
  const quiet = quietOf(draft.values);
  const starts = draft.values.when === "at" ? momentOf(draft.values.send_at, zone) : now;
  const recurs = draft.values.when === "repeat";
  /** @type {string[]} */
  const facts = [];
  let warning =
    draft.values.when === "at" && starts !== null && starts < now - 60_000
      ? "That time is over: choose a later one."
      : "";
  const usable = quiet && isZone(quiet.zone) ? quiet : null;
  if (starts !== null && !recurs && draft.contacts.some(({ to }) => to.trim())) {
    const ends = course(draft, starts, usable);
    facts.push(endsWords(ends, now));
    if (ends.held) facts.push(`It begins in the quiet hours: nothing goes out before ${moment(ends.held, now)}.`);
    if (ends.passed === draft.contacts.length)
      warning = "At that time it is quiet for all contacts, so nothing would be sent: choose another time.";
  }
  if (recurs && draft.contacts.length > 1 && !quiet)
    facts.push(`The last message goes out ${duration(windows(draft))} after that, at the latest.`);
  facts.push(segmentsWords(draft));
  if (quiet) facts.push(quietWords(quiet));
  return { steps: stepsOf(draft, starts, now, zone), facts: facts.filter(Boolean), warning };
}

/** "First SMS to 447700900001; if that is not delivered within 15 s, WhatsApp to 447700900002." @param {Draft} draft @param {number | null} starts @param {number} now @param {string} zone */
function stepsOf(draft, starts, now, zone) {
  const { values, contacts } = draft;
  const parts = contacts.map(({ channel, message_type: type, to }, index) => {
    const told = `${what(channel, type)} to ${to.trim() || "…"}`;
    const before = contacts[index - 1];
    if (!before) return contacts.length > 1 ? `first ${told}` : told;
    const seconds = secondsOf(before.expiry_time, before.unit);
    return `if that is not ${met(before.condition_status)} within ${seconds ? duration(seconds) : "…"}, ${told}`;
  });
  const sentence = `${leadOf(values, starts, now, zone)}${parts.join("; ")}`;
  return sentence.charAt(0).toUpperCase() + sentence.slice(1) + (sentence.endsWith("…") ? "" : ".");
}

/** "SMS", "WhatsApp picture" @param {string} channel @param {string} messageType */
function what(channel, messageType) {
  const [name, type] = typeOf(channel, messageType);
  return name === Object.keys(FIELDS[channel].types)[0]
    ? channelName(channel)
    : `${channelName(channel)} ${type.name.toLowerCase()}`;
}

/** @param {Values} values @param {number | null} starts @param {number} now @param {string} zone */
function leadOf(values, starts, now, zone) {
  if (values.when === "at") return `${starts === null ? "At …" : moment(starts, now)}: `;
  if (values.when !== "repeat") return "";
  const cron = cronOf(repeatOf(values));
  const times = values.max_runs ? `, ${values.max_runs} ${values.max_runs === "1" ? "time" : "times"}` : "";
  const last = values.ends_at ? `, until ${DATE.format(Date.parse(`${values.ends_at}T00:00Z`))}` : "";
  return `${cron ? cronWords(cron) : notYet(values)} (${zone})${times}${last}: `;
}

/** When it recurs, as long as a part of that was not said. @param {Values} values */
function notYet({ every, time }) {
  return every === "week" ? `every week on … at ${time || "…"}` : "at …";
}

/**
 * How it goes on if every window runs to its end. Where quiet hours pass messages over, an earlier failure may let one
 * go out that would be passed over later: so its window counts, unless it is sure to be passed over.
 * @param {Draft} draft @param {number} starts @param {import("../time/clocks.js").QuietHours | null} quiet
 */
function course({ values, contacts }, starts, quiet) {
  let at = starts;
  let last = starts;
  let passed = 0;
  let held = 0;
  contacts.forEach((contact, index) => {
    const until = quiet && !contact.urgent ? quietUntil(quiet, at) : null;
    if (until && quiet?.then === "skip" && at === starts) {
      passed += 1; // surely, since nothing comes before it
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
  return { last, over: at, passed, held, steps: contacts.length };
}

/** Seconds from the first message to the last, if there are no quiet hours. @param {Draft} draft */
function windows({ contacts }) {
  return contacts.slice(0, -1).reduce((sum, contact) => sum + (secondsOf(contact.expiry_time, contact.unit) ?? 0), 0);
}

/** @param {{last: number, over: number, passed: number, steps: number}} ends @param {number} now */
function endsWords({ last, over, passed, steps }, now) {
  if (passed === steps) return "";
  const end = `over by ${moment(minuteAfter(over), now)} at the latest.`;
  return steps - passed > 1
    ? `The last message goes out by ${moment(minuteAfter(last), now)}, and it is ${end}`
    : capital(end);
}

/** @param {Draft} draft */
function segmentsWords(draft) {
  const texts = draft.contacts.flatMap(({ channel }, index) => (channel === "sms" ? [textOf(draft, index)] : []));
  const count = texts.reduce((sum, text) => sum + segmentsOf(text).segments, 0);
  if (!count) return "";
  return `${count > 1 ? "About " : ""}${count} SMS ${count === 1 ? "segment" : "segments"}${texts.length < draft.contacts.length || texts.length > 1 ? ", if all are needed" : ""}.`;
}

/** @param {import("../time/clocks.js").QuietHours} quiet */
function quietWords({ from, to, days, then, zone }) {
  const on = days.length === DAYS.length ? "" : ` of ${listed(days.map((day) => dayName(DAYS.indexOf(day), "short")))}`;
  const told = then === "skip" ? "passes over whatever falls due" : "waits";
  return `It ${told} in the quiet hours${on}, ${from || "…"} to ${to || "…"} (${zone || "…"}).`;
}

/** @param {Values} values @returns {import("../time/clocks.js").QuietHours | null} */
function quietOf(values) {
  if (!values.quiet) return null;
  const [from, to] = [values["quiet_hours.from"], values["quiet_hours.to"]];
  return {
    from,
    to,
    days: values["quiet_hours.days"],
    then: values["quiet_hours.then"],
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
  const [date, today] = [new Date(at), new Date(now)];
  if (date.toDateString() === today.toDateString()) return TIME.format(date);
  return (Math.abs(at - now) < 300 * 86_400_000 ? DAY : YEAR).format(date);
}

/** @param {number} at */
function minuteAfter(at) {
  return Math.ceil(at / 60_000) * 60_000;
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
