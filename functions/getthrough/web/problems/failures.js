/** How many messages were not delivered, by the day on which they were accepted. Pure. */

/** @import { Day } from "#api" */

/** The number of each day, such as 2026-11-23. @typedef {Record<string, number>} Failures */

/** @param {Pick<Day, "date" | "exhausted">[]} days @returns {Failures} */
export function failuresOf(days) {
  return Object.fromEntries(days.map(({ date, exhausted }) => [date, exhausted]));
}

/** How many more there are than were seen. @param {Failures} now @param {Failures} seen */
export function unseen(now, seen) {
  return Object.entries(now).reduce((sum, [day, count]) => sum + Math.max(0, count - (seen[day] ?? 0)), 0);
}

/** The first day on which there were any; empty for none. @param {Failures} failures */
export function firstDay(failures) {
  const days = Object.keys(failures).filter((day) => failures[day]);
  return days.sort()[0] ?? "";
}

/** "4 messages since yesterday were not delivered" @param {Failures} failures @param {string} today */
export function failureWords(failures, today) {
  const count = unseen(failures, {});
  const since = firstDay(failures) === today ? "today" : "since yesterday";
  return `${count.toLocaleString("en-GB")} ${count === 1 ? "message" : "messages"} ${since} ${count === 1 ? "was" : "were"} not delivered`;
}
