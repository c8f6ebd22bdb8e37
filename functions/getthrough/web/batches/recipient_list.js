/** Parses lines of a spreadsheet into recipients of a batch, and fills in a text for one of them. Pure. */

import { plainNumber } from "../dispatches/query.js";

/** @import { Usual } from "../dispatches/query.js" */

/** @typedef {{to: string, variables: Record<string, string>}} PastedRecipient */
/** @typedef {{columns: string[], titled: boolean, recipients: PastedRecipient[], problems: string[]}} List   problems: sentences, each about a line */

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
/** "07700 900001": without a country code. */
const NATIONAL = /^0[1-9][\d\s().-]{5,18}$/;
/** Lines of one row: a quotation mark that never closes must not swallow the list. */
const MOST_LINES = 50;
const PLACE = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;

/**
 * The recipients of lines such as `447700900001, Ann`. The values after the number, separated by commas, semicolons or
 * tabs, are variables. `columns` names them, or a first line without a number does. A cell in quotation marks may have
 * several lines.
 * @param {string} text @param {string} columns   "number, name" @param {Usual} [usual]   for numbers without a country code
 * @returns {List}
 */
export function parseList(text, columns, usual) {
  const { heading, lines } = linesOf(text);
  const titled = heading !== null;
  const names = (heading?.cells ?? cellsOf(columns)).map(nameOf);
  /** @type {string[]} */
  const problems = [];
  const bad = names.slice(1).find((name) => !NAME.test(name));
  if (bad !== undefined) problems.push(`“${bad}” is not a valid column name. Use letters, digits and _.`);
  const twice = names.find((name, index) => name && names.indexOf(name) < index);
  if (twice !== undefined) problems.push(`Two columns have the name “${twice}”. Give each its own.`);
  /** @type {Map<string, number>} */
  const seen = new Map();
  const recipients = lines.map(({ number, cells }) => {
    if (cells.length > names.length) {
      problems.push(`Line ${number} has ${cells.length} columns, but only ${names.length} have a name.`);
    }
    const filled = names
      .slice(1)
      .map((name, index) => /** @type {const} */ ([name, cells[index + 1] ?? ""]))
      .filter(([, value]) => value !== "");
    const national = usual?.default_country && NATIONAL.test(cells[0]);
    const phone = phoneOf(cells[0]) ?? (national ? plainNumber(cells[0], usual) : null);
    const same = JSON.stringify([phone, filled]);
    if (!cells[0]) problems.push(`Line ${number} has no number.`);
    else if (phone === null) {
      problems.push(`Line ${number}: “${cells[0]}” is not a phone number with its country code, such as 447700900001.`);
    } else if (seen.has(same)) {
      problems.push(`Line ${number} is the same as line ${seen.get(same)}: remove the duplicate.`);
    } else seen.set(same, number);
    return { to: cells[0], variables: Object.fromEntries(filled) };
  });
  return { columns: names, titled, recipients, problems };
}

/** The rows of a list that are not empty: the one with the columns' names, if there is one, and those of recipients. @param {string} text */
function linesOf(text) {
  const lines = rowsOf(text).filter(({ cells }) => cells.some(Boolean));
  const [first] = lines;
  return first && isHeading(first.cells[0]) ? { heading: first, lines: lines.slice(1) } : { heading: null, lines };
}

/** The line of a list on which a recipient begins, from 1; null if it has fewer. @param {string} text @param {number} index */
export function lineOf(text, index) {
  return linesOf(text).lines[index]?.number ?? null;
}

/** The variables that the text needs and the list does not have, as sentences. @param {List} list @param {string} text @returns {string[]} */
export function missingVariables({ columns, titled, recipients }, text) {
  const needed = recipients.length ? variablesOf(text) : [];
  const named = needed.filter((name) => columns.slice(1).includes(name));
  const unnamed = needed
    .filter((name) => !named.includes(name))
    .map((name) =>
      name === columns[0]
        ? `The text needs “${name}”, but the first column is always the number. Give another column this name.`
        : `The text needs “${name}”, but no column has this name. Add it ${titled ? "to the first line of the list" : "under Columns"}.`,
    );
  return [
    ...unnamed,
    ...recipients
      .filter(({ to }) => to)
      .flatMap(({ to, variables }) =>
        named.filter((name) => !Object.hasOwn(variables, name)).map((name) => `${to} has no “${name}”.`),
      ),
  ];
}

/** Whether the first cell of a list is a heading, such as "Mobile 1". @param {string} cell */
function isHeading(cell) {
  return /^\D+$/.test(cell) || (/\p{L}/u.test(cell) && cell.replace(/\D/g, "").length < 5);
}

/** A phone number as digits only, the way the API stores it; null if it is not one. @param {string} text */
function phoneOf(text) {
  const prefix = /^(\+|00)/.exec(text)?.[0];
  const rest = text.slice(prefix?.length ?? 0).replace(prefix ? /(?<=\d)[\s.-]*\(0\)/ : "", "");
  const number = prefix && !rest.includes("(0)") ? rest.replace(/[\s.()-]/g, "") : rest;
  return text.length <= 50 && /^[1-9]\d{6,14}$/.test(number) ? number : null;
}

/** "First name" is first_name. @param {string} title */
function nameOf(title) {
  return title.trim().toLowerCase().replace(/\s+/g, "_");
}

/**
 * The rows of a text, each with the number of its first line. A line break in quotation marks is part of a cell, if the
 * marks close soon.
 * @param {string} text
 */
function rowsOf(text) {
  const lines = text.split(/\r?\n/);
  const rows = [];
  for (let start = 0, end = 1; start < lines.length; start = end, end = start + 1) {
    const alone = scan(lines[start] ?? "");
    let row = alone;
    while (row.open && end < lines.length && end - start < MOST_LINES) {
      end += 1;
      row = scan(lines.slice(start, end).join("\n"));
    }
    if (row.open) end = start + 1;
    rows.push({ number: start + 1, cells: row.open ? alone.cells : row.cells });
  }
  return rows;
}

/** @param {string} line */
function cellsOf(line) {
  return scan(line).cells;
}

/**
 * The cells of a row, at least one, and whether it ends in quotation marks. The first comma, semicolon or tab decides the
 * separator; quoted cells may contain it.
 * @param {string} line
 * @returns {{cells: [string, ...string[]], open: boolean}}
 */
function scan(line) {
  const separator = /[\t;,]/.exec(line)?.[0] ?? ",";
  /** @type {string[]} */
  const cells = [];
  let cell = "";
  let quoted = false;
  for (let index = 0; index < line.length; index++) {
    const letter = line.charAt(index);
    if (letter === '"' && quoted && line[index + 1] === '"') cell += line.charAt(++index);
    else if (letter === '"' && (quoted || !cell.trim())) quoted = !quoted;
    else if (letter === separator && !quoted) {
      cells.push(cell.trim());
      cell = "";
    } else cell += letter;
  }
  const [first, ...others] = [...cells, cell.trim()];
  return { cells: [first ?? "", ...others], open: quoted };
}

/** The names of the plain variables in a text. @param {string} text */
export function variablesOf(text) {
  return [...new Set([...text.matchAll(PLACE)].map(([, name]) => name ?? ""))];
}

/** The text as one recipient reads it; null if it needs more than plain variables. @param {string} text @param {PastedRecipient} recipient */
export function textFor(text, { variables }) {
  const filled = text.replace(PLACE, (place, name) =>
    Object.hasOwn(variables, name) ? (variables[name] ?? "") : place,
  );
  return /\{[{%#]/.test(text.replace(PLACE, "")) ? null : filled;
}
