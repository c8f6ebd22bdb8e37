/** Schedules in words. Pure: no element, no request, no clock. */

import { channelName } from "../channels/channels.js";
import { capital } from "../text/words.js";
import { placeName } from "../time/days.js";
import { cronWords } from "../time/recurrence.js";

/** @import { Schedule } from "#api" */
/** @import { Badge } from "../text/words.js" */

/** @type {Record<Schedule["state"], Badge>} */
const STATES = {
  active: { text: "Active", tone: "good" },
  paused: { text: "Paused", tone: "wait" },
  cancelled: { text: "Cancelled", tone: "idle" },
  finished: { text: "Finished", tone: "idle" },
};

/** @param {Schedule} schedule @returns {Badge} */
export function stateBadge({ state }) {
  return STATES[state];
}

/** "From Monday to Friday at 09:00" @param {Schedule} schedule @param {string} zone   the reader's */
export function rhythm({ cron, next_at: next, last_at: last }, zone) {
  if (cron === null) return next || last ? `Once, ${moment(next ?? last ?? "", zone)}` : "Once";
  return capital(cronWords(cron));
}

/** "SMS to 447700900001, then WhatsApp to 447700900002" @param {Schedule} schedule */
export function recipientsOf({ steps, recipients, rate }) {
  const many =
    recipients === null
      ? ""
      : `${recipients === 1 ? "one recipient" : `${recipients.toLocaleString("en-GB")} recipients`}, up to ${rate} per second: `;
  return many + steps.map(({ channel, to }) => channelName(channel) + (to === null ? "" : ` to ${to}`)).join(", then ");
}

/** The texts of its messages, each once. @param {Schedule} schedule */
export function texts({ steps }) {
  return [...new Set(steps.map(({ text, message_type: type }) => text ?? `(${type})`))];
}

/** Its limits and its runs so far. @param {Schedule} schedule @param {string} zone   the reader's @returns {string[]} */
export function facts(schedule, zone) {
  const {
    cron,
    runs,
    max_runs: most,
    starts_at: starts,
    ends_at: ends,
    last_at: last,
    quiet_hours: quiet,
    missed,
    time_zone: own,
  } = schedule;
  if (cron === null) return runs ? ["Sent."] : [];
  const done = most === null ? `Ran ${times(runs)} so far` : `Ran ${runs} of ${most} ${most === 1 ? "time" : "times"}`;
  return [
    own ? `${placeName(own)} time.` : "",
    starts && runs === 0 ? `Starts on ${moment(starts, zone)}.` : "",
    ends ? `Ends on ${moment(ends, zone)}.` : "",
    runs || most !== null ? `${done}${last ? `, last on ${moment(last, zone)}` : ""}.` : "",
    quiet ? `Quiet hours from ${quiet.from} to ${quiet.to}.` : "",
    missed === "latest"
      ? ""
      : missed === "skip"
        ? "Runs missed in an outage are skipped."
        : "Runs missed in an outage are all made afterwards.",
  ].filter(Boolean);
}

/** @param {number} count */
function times(count) {
  return count === 1 ? "once" : `${count} times`;
}

/** "Tue, 24 Nov 2026, 09:00" @param {string} at @param {string} zone */
export function moment(at, zone) {
  return new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  }).format(new Date(at));
}

/** The local time in the schedule's own zone; empty if it is the same as the reader's. @param {string} at @param {string | null} own @param {string} zone */
export function there(at, own, zone) {
  if (own === null || moment(at, own) === moment(at, zone)) return "";
  const [here, far] = [zone, own].map((name) => new Date(at).toLocaleDateString("en-GB", { timeZone: name }));
  const shown =
    here === far
      ? new Intl.DateTimeFormat("en-GB", {
          hour: "2-digit",
          minute: "2-digit",
          hourCycle: "h23",
          timeZone: own,
        }).format(new Date(at))
      : moment(at, own);
  return `${shown} ${placeName(own)} time`;
}

/** "in 2 h", "in 3 days", "now" @param {string} at @param {number} now */
export function until(at, now) {
  const minutes = Math.ceil((Date.parse(at) - now) / 60_000);
  if (minutes <= 0) return "now";
  if (minutes < 60) return `in ${minutes} min`;
  if (minutes < 48 * 60) return `in ${Math.round(minutes / 60)} h`;
  return `in ${Math.round(minutes / 1440)} days`;
}
