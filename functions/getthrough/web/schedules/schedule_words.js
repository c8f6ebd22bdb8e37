/** Schedules in words. Pure: no element, no request, no clock. */

import { channelName } from "../text/words.js";
import { cronWords } from "../time/recurrence.js";

/** @import { Badge } from "../text/words.js" */

/**
 * @typedef {object} Schedule
 * @property {string} schedule_uuid
 * @property {string} created_at
 * @property {"active" | "paused" | "cancelled" | "finished"} state
 * @property {string | null} cron   null for what occurs once
 * @property {string | null} time_zone
 * @property {string | null} starts_at
 * @property {string | null} ends_at
 * @property {string | null} next_at
 * @property {string | null} last_at
 * @property {number | null} max_runs
 * @property {number} runs
 * @property {"skip" | "latest" | "all"} missed
 * @property {{from: string, to: string} | null} quiet_hours
 * @property {string[]} next_runs
 * @property {number | null} recipients   null for what goes to one
 * @property {number | null} rate
 * @property {{channel: string, to: string | null, message_type: string, text: string | null}[]} steps
 */

/** @type {Record<Schedule["state"], Badge>} */
const STATES = {
  active: { text: "Active", tone: "good" },
  paused: { text: "Paused", tone: "wait" },
  cancelled: { text: "Cancelled", tone: "idle" },
  finished: { text: "Over", tone: "idle" },
};

/** @param {Schedule} schedule @returns {Badge} */
export function stateBadge({ state }) {
  return STATES[state] ?? { text: state, tone: "idle" };
}

/** "From Monday to Friday at 09:00" @param {Schedule} schedule @param {string} zone   the reader's */
export function rhythm({ cron, next_at: next, last_at: last }, zone) {
  if (cron === null) return next || last ? `Once, ${moment(next ?? last ?? "", zone)}` : "Once";
  const words = cronWords(cron);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "SMS to 447700900001, then WhatsApp to 447700900002" @param {Schedule} schedule */
export function toWhom({ steps, recipients, rate }) {
  const many =
    recipients === null
      ? ""
      : `${recipients === 1 ? "one recipient" : `${recipients.toLocaleString("en-GB")} recipients`}, ${rate} a second: `;
  return many + steps.map(({ channel, to }) => channelName(channel) + (to === null ? "" : ` to ${to}`)).join(", then ");
}

/** What its messages say, each text once. @param {Schedule} schedule */
export function texts({ steps }) {
  return [...new Set(steps.map(({ text, message_type: type }) => text ?? `(${type})`))];
}

/** Its bounds and what became of it so far. @param {Schedule} schedule @param {string} zone   the reader's @returns {string[]} */
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
  if (cron === null) return [runs ? "It went out." : ""].filter(Boolean);
  const done = most === null ? `${times(runs)} so far` : `${runs} of ${most} ${most === 1 ? "time" : "times"}`;
  return [
    `By the clocks of ${own}.`,
    starts && runs === 0 ? `Not before ${moment(starts, zone)}.` : "",
    ends ? `Until ${moment(ends, zone)}.` : "",
    runs || most !== null ? `${done}${last ? `, last ${moment(last, zone)}` : ""}.` : "",
    quiet ? `Quiet hours from ${quiet.from} to ${quiet.to}.` : "",
    missed === "latest"
      ? ""
      : missed === "skip"
        ? "Times missed in an outage are skipped."
        : "Times missed in an outage are all sent afterwards.",
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

/** What the clocks of the schedule's own zone show then; empty if it is what the reader's show. @param {string} at @param {string | null} own @param {string} zone */
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
  return `${shown} in ${own}`;
}

/** "in 2 h", "in 3 days"; empty for what is due. @param {string} at @param {number} now */
export function until(at, now) {
  const minutes = Math.ceil((Date.parse(at) - now) / 60_000);
  if (minutes <= 0) return "now";
  if (minutes < 60) return `in ${minutes} min`;
  if (minutes < 48 * 60) return `in ${Math.round(minutes / 60)} h`;
  return `in ${Math.round(minutes / 1440)} days`;
}
