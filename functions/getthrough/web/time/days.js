/** Days in this computer's time zone, written as 2026-11-23. */

const WEEKDAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
const WEEKDAY_AND_YEAR = new Intl.DateTimeFormat("en-GB", {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});
const SHORT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export const TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** "London" for Europe/London. @param {string} zone */
export function placeName(zone) {
  return zone.slice(zone.lastIndexOf("/") + 1).replaceAll("_", " ");
}

export function today() {
  return written(new Date());
}

/** The day `by` days later. @param {string} day @param {number} by */
export function after(day, by) {
  const date = midnight(day);
  date.setDate(date.getDate() + by);
  return written(date);
}

/** Its start and end, for `since` and `before`. @param {string} day */
export function bounds(day) {
  return { since: midnight(day).toISOString(), before: midnight(after(day, 1)).toISOString() };
}

/** "Today", "Yesterday", "Friday 20 November" @param {string} day */
export function dayName(day) {
  if (day === today()) return "Today";
  if (day === after(today(), -1)) return "Yesterday";
  return (day.slice(0, 4) === today().slice(0, 4) ? WEEKDAY : WEEKDAY_AND_YEAR).format(midnight(day));
}

/** "20 Nov" @param {string} day */
export function shortDay(day) {
  return SHORT.format(midnight(day));
}

/** @param {string} day */
function midnight(day) {
  const [year = NaN, month = NaN, number = NaN] = day.split("-").map(Number);
  return new Date(year, month - 1, number);
}

/** @param {Date} date */
function written(date) {
  /** @param {number} part */
  const two = (part) => `${part}`.padStart(2, "0");
  return `${`${date.getFullYear()}`.padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
