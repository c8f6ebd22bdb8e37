/** Local times of a time zone, and its quiet hours, by the same rules as the server's. Pure; moments are in milliseconds. */

import { DAYS } from "./recurrence.js";

const DAY = 86_400_000;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** The local time in a zone, written as if it were UTC. RangeError for an unknown zone. @param {number} moment @param {string} zone */
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
  const shown = new Map(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  /** @param {Intl.DateTimeFormatPartTypes} type */
  const part = (type) => shown.get(type) ?? 0;
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
}

/**
 * The two moments at which clocks show a time; the same one twice unless the clocks are put back. A time that the clocks
 * jump over becomes as much later as they jump.
 * @param {number} shown   as `wallClock` returns it
 * @param {string} zone
 * @returns {[number, number]}
 */
function momentsOf(shown, zone) {
  /** @param {number} near */
  const moment = (near) => shown - (wallClock(near, zone) - near);
  return [moment(shown - DAY), moment(shown + DAY)];
}

/** The moment of "2026-12-24T09:00" in a zone, or null. @param {string} local @param {string} zone */
export function momentOf(local, zone) {
  const shown = Date.parse(`${local}Z`);
  return Number.isNaN(shown) ? null : momentsOf(shown, zone)[0];
}

/** @typedef {{from: string, to: string, days: string[], then: "wait" | "skip", zone: string}} QuietHours */

/** The end of the quiet hours that contain a moment; null if none do. @param {QuietHours} quiet @param {number} moment */
export function quietUntil(quiet, moment) {
  let end = moment;
  for (let windows = 0; windows < 2 * DAYS.length; windows++) {
    // quiet hours that start when others end belong together
    const after = endOf(quiet, end);
    if (after === null) break;
    end = after;
  }
  return end === moment ? null : end;
}

/** The end of the one window that contains a moment. @param {QuietHours} quiet @param {number} moment */
function endOf({ from, to, days, zone }, moment) {
  const shown = wallClock(moment, zone);
  const today = Math.floor(shown / DAY) * DAY;
  for (const began of [today, today - DAY]) {
    const ends = began + clock(to) + (clock(to) <= clock(from) ? DAY : 0);
    const weekday = DAYS[(new Date(began).getUTCDay() + 6) % 7];
    if (weekday && days.includes(weekday) && began + clock(from) <= shown && shown < ends) {
      const [first, again] = momentsOf(ends, zone);
      return first > moment ? first : again;
    }
  }
  return null;
}

/** @param {string} time "21:00" */
function clock(time) {
  const [hours = NaN, minutes = NaN] = time.split(":").map(Number);
  return (hours * 60 + minutes) * 60_000;
}
