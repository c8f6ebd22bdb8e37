/** Converts simple choices to cron expressions, and cron expressions to words. Pure. */

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** A Monday, to let the browser name the days of the week. */
const MONDAY = Date.UTC(2026, 0, 5);

/** "Monday" for 0 @param {number} day @param {"long" | "short"} [style] */
export function dayName(day, style = "long") {
  return new Intl.DateTimeFormat("en-GB", { weekday: style, timeZone: "UTC" }).format(MONDAY + day * 86_400_000);
}

/** "Monday, Tuesday and Friday" @param {string[]} items */
export function listed(items) {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/**
 * @typedef {object} Repeat
 * @property {string} every   day, weekdays, week, month or cron
 * @property {string} time   "09:00"
 * @property {string[]} days   of each week: "mon" …
 * @property {string} monthDay   "1" to "28", or "L" for the last one
 * @property {string} cron
 */

/** The expression; empty if a choice is missing. @param {Repeat} repeat */
export function cronOf({ every, time, days, monthDay, cron }) {
  if (every === "cron") return cron.trim();
  const [hour, minute] = time.split(":").map(Number);
  const chosen = DAYS.filter((day) => days.includes(day))
    .join(",")
    .toUpperCase();
  const on = every === "weekdays" ? "MON-FRI" : every === "week" ? chosen : "*";
  if (!time || on === "") return "";
  return `${minute} ${hour} ${every === "month" ? monthDay : "*"} * ${on}`;
}

/** "every day at 09:00"; an expression that is not one of the choices above stays as it is. @param {string} cron */
export function cronWords(cron) {
  const [minute = "", hour = "", monthDay = "", month, weekDays = "", ...rest] = cron.trim().split(/\s+/);
  const simple = /^\d+$/.test(minute) && /^\d+$/.test(hour) && month === "*" && rest.length === 0;
  const on = simple ? daysWords(monthDay, weekDays) : null;
  if (/^\s*\*(\s+\*){4}\s*$/.test(cron)) return "every minute";
  return on ? `${on} at ${hour.padStart(2, "0")}:${minute.padStart(2, "0")}` : `at each “${cron}”`;
}

/** @param {string} monthDay @param {string} weekDays */
function daysWords(monthDay, weekDays) {
  if (monthDay === "L" && weekDays === "*") return "on the last day of each month";
  if (/^\d+$/.test(monthDay) && weekDays === "*") return `on day ${monthDay} of each month`;
  if (monthDay !== "*") return null;
  if (weekDays === "*") return "every day";
  if (weekDays === "MON-FRI" || weekDays === "1-5") return "from Monday to Friday";
  const days = weekDays
    .toLowerCase()
    .split(",")
    .map((day) => (/^[0-7]$/.test(day) ? (Number(day) + 6) % 7 : DAYS.indexOf(day)));
  return days.includes(-1) ? null : `every ${listed(days.map((day) => dayName(day)))}`;
}
