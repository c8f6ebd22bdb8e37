/** Moments by the clocks of a place, and the quiet hours there. The same rules as the server's. Pure; moments are milliseconds. */

import { DAYS } from "./recurrence.js";

const DAY = 86_400_000;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** What the clocks of a zone show, as if it were UTC. RangeError for a zone that is none. @param {number} moment @param {string} zone */
function wallClock(moment, zone) {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  const shown = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute, shown.second);
}

/**
 * The moments at which clocks show a time: two, where it comes twice; one that is jumped over is as much later as they jump.
 * @param {number} shown   as `wallClock` gives it
 * @param {string} zone
 */
function momentsOf(shown, zone) {
  return [shown - DAY, shown + DAY].map((near) => shown - (wallClock(near, zone) - near));
}

/** The moment of "2026-12-24T09:00" by the clocks of a zone, or null. @param {string} local @param {string} zone */
export function momentOf(local, zone) {
  const shown = Date.parse(`${local}Z`);
  return Number.isNaN(shown) ? null : momentsOf(shown, zone)[0];
}

/** @typedef {{from: string, to: string, days: string[], then: "wait" | "skip", zone: string}} QuietHours */

/** When the quiet hours end in which a moment lies; null if it lies in none. @param {QuietHours} quiet @param {number} moment */
export function quietUntil(quiet, moment) {
  let end = moment;
  for (let windows = 0; windows < 2 * DAYS.length; windows++) {
    // quiet hours that begin as others end are one time
    const after = endOf(quiet, end);
    if (after === null) break;
    end = after;
  }
  return end === moment ? null : end;
}

/** The end of the one window in which a moment lies. @param {QuietHours} quiet @param {number} moment */
function endOf({ from, to, days, zone }, moment) {
  const shown = wallClock(moment, zone);
  const today = Math.floor(shown / DAY) * DAY;
  for (const began of [today, today - DAY]) {
    const ends = began + clock(to) + (clock(to) <= clock(from) ? DAY : 0);
    const weekday = (new Date(began).getUTCDay() + 6) % 7;
    if (days.includes(DAYS[weekday]) && began + clock(from) <= shown && shown < ends) {
      const [first, again] = momentsOf(ends, zone);
      return first > moment ? first : again;
    }
  }
  return null;
}

/** @param {string} time "21:00" */
function clock(time) {
  const [hours, minutes] = time.split(":").map(Number);
  return (hours * 60 + minutes) * 60_000;
}
