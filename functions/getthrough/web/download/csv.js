/** Tables as CSV that is safe to open in a spreadsheet. Pure. */

/**
 * What a spreadsheet would take as the beginning of a formula. Where commas are decimal, it divides cells at semicolons
 * and sees no quotation marks in the middle of them, so that a line of a text begins a row. Some divide at tabs too.
 */
const FORMULA = /(^|[;\t\r\n])(?= *[=+\-@＝＋－＠])/g;

/** A value as a cell. An apostrophe is before what a spreadsheet would run as a formula. @param {string | number | null} value */
export function cell(value) {
  const text = value === null ? "" : `${value}`;
  const safe = typeof value === "string" ? text.replace(FORMULA, "$1'").replace(/^(?=[\t\r])/, "'") : text;
  return /[",\t\r\n']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** RFC 4180, with a byte order mark, by which Excel sees UTF-8. @param {string[]} head @param {(string | number | null)[][]} rows */
export function csvOf(head, rows) {
  return `\ufeff${[head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

/** One JSON value a line. @param {unknown[]} rows */
export function linesOf(rows) {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}
