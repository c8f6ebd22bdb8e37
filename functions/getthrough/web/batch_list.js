/** Lines of a spreadsheet as recipients of a batch, and a text as one of them will read it. Pure. */

/** @typedef {{to: string, variables: Record<string, string>}} Recipient */
/** @typedef {{columns: string[], recipients: Recipient[], faults: string[]}} List */

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const PLACE = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;

/**
 * The recipients of lines such as `447700900001, Ann`. What stands between the commas, semicolons or tabs after the number
 * are variables, named by `columns`, or by a first line that has no number.
 * @param {string} text @param {string} columns   "number, name" @returns {List}
 */
export function parseList(text, columns) {
  const lines = text.split(/\r?\n/).map((line, index) => ({ number: index + 1, cells: cellsOf(line) })).filter(({ cells }) => cells.some(Boolean));
  const titled = lines.length > 0 && !/\d/.test(lines[0].cells[0]);
  const names = (titled ? lines[0].cells : cellsOf(columns)).map(nameOf);
  /** @type {string[]} */
  const faults = [];
  const bad = names.slice(1).find((name) => !NAME.test(name));
  if (bad !== undefined) faults.push(`“${bad}” cannot name a column: use letters, digits and _.`);
  const recipients = lines.slice(titled ? 1 : 0).map(({ number, cells }) => {
    if (cells.length > names.length) faults.push(`Line ${number} has ${cells.length} columns, but only ${names.length} have a name.`);
    if (!cells[0]) faults.push(`Line ${number} has no number.`);
    const filled = names.slice(1).map((name, index) => [name, cells[index + 1] ?? ""]).filter(([, value]) => value !== "");
    return { to: cells[0], variables: Object.fromEntries(filled) };
  });
  return { columns: names, recipients, faults };
}

/** "First name" is first_name. @param {string} title */
function nameOf(title) {
  return title.trim().toLowerCase().replace(/\s+/g, "_");
}

/** The cells of a line; those in quotation marks may have commas. @param {string} line */
function cellsOf(line) {
  const separator = line.includes("\t") ? "\t" : line.includes(";") ? ";" : ",";
  const cells = [""];
  let quoted = false;
  for (let index = 0; index < line.length; index++) {
    const letter = line[index];
    if (letter === '"' && quoted && line[index + 1] === '"') cells[cells.length - 1] += line[++index];
    else if (letter === '"' && (quoted || !cells[cells.length - 1].trim())) quoted = !quoted;
    else if (letter === separator && !quoted) cells.push("");
    else cells[cells.length - 1] += letter;
  }
  return cells.map((cell) => cell.trim());
}

/** Variables that a text needs, as far as they stand alone. @param {string} text */
export function variablesOf(text) {
  return [...new Set([...text.matchAll(PLACE)].map(([, name]) => name))];
}

/** The text as one recipient reads it; null if that takes more than filling in. @param {string} text @param {Recipient} recipient */
export function textFor(text, { variables }) {
  const filled = text.replace(PLACE, (place, name) => variables[name] ?? place);
  return /\{[{%#]/.test(text.replace(PLACE, "")) ? null : filled;
}
