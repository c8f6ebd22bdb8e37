/** Lines of a spreadsheet as recipients of a batch, and a text as one of them will read it. Pure. */

/** @typedef {{to: string, variables: Record<string, string>}} Recipient */
/** @typedef {{columns: string[], titled: boolean, recipients: Recipient[], faults: string[]}} List   faults: sentences, each about a line */

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const PLACE = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;

/**
 * The recipients of lines such as `447700900001, Ann`. What stands between the commas, semicolons or tabs after the number
 * are variables, named by `columns`, or by a first line that has no number.
 * @param {string} text @param {string} columns   "number, name" @returns {List}
 */
export function parseList(text, columns) {
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, cells: cellsOf(line) }))
    .filter(({ cells }) => cells.some(Boolean));
  const titled = lines.length > 0 && /^\D+$/.test(lines[0].cells[0]);
  const names = (titled ? lines[0].cells : cellsOf(columns)).map(nameOf);
  /** @type {string[]} */
  const faults = [];
  const bad = names.slice(1).find((name) => !NAME.test(name));
  if (bad !== undefined) faults.push(`“${bad}” cannot name a column: use letters, digits and _.`);
  /** @type {Map<string, number>} */
  const seen = new Map();
  const recipients = lines.slice(titled ? 1 : 0).map(({ number, cells }) => {
    if (cells.length > names.length)
      faults.push(`Line ${number} has ${cells.length} columns, but only ${names.length} have a name.`);
    const filled = names
      .slice(1)
      .map((name, index) => [name, cells[index + 1] ?? ""])
      .filter(([, value]) => value !== "");
    const phone = phoneOf(cells[0]);
    const same = JSON.stringify([phone, filled]);
    if (!cells[0]) faults.push(`Line ${number} has no number.`);
    else if (phone === null)
      faults.push(`Line ${number}: “${cells[0]}” is not a phone number with its country code, such as 447700900001.`);
    else if (seen.has(same)) faults.push(`Line ${number} is the same as line ${seen.get(same)}: take one of them out.`);
    else seen.set(same, number);
    return { to: cells[0], variables: Object.fromEntries(filled) };
  });
  return { columns: names, titled, recipients, faults };
}

/** What the text needs and the list does not have, in sentences. @param {List} list @param {string} text @returns {string[]} */
export function lacking({ columns, titled, recipients }, text) {
  const needed = recipients.length ? variablesOf(text) : [];
  const named = needed.filter((name) => columns.slice(1).includes(name));
  const unnamed = needed
    .filter((name) => !named.includes(name))
    .map((name) =>
      name === columns[0]
        ? `The text needs “${name}”, but the first column only says whom it goes to: give another column this name.`
        : `The text needs “${name}”, but no column is named so. Name it ${titled ? "in the first line of the list" : "under Columns"}.`,
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

/** A number as the API understands it, without what people put between its digits; null if it is none. @param {string} text */
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

/** The cells of a line, parted by what stands behind the first; those in quotation marks may have it too. @param {string} line */
function cellsOf(line) {
  const separator = /[\t;,]/.exec(line)?.[0] ?? ",";
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
  const filled = text.replace(PLACE, (place, name) => (Object.hasOwn(variables, name) ? variables[name] : place));
  return /\{[{%#]/.test(text.replace(PLACE, "")) ? null : filled;
}
