import assert from "node:assert/strict";
import { test } from "node:test";

import {
  missingVariables,
  parseList,
  textFor,
  variablesOf,
} from "../../functions/getthrough/web/batches/recipient_list.js";

const ANN = { to: "447700900001", variables: { name: "Ann" } };
const BEN = { to: "447700900002", variables: { name: "Ben" } };

/** @type {[string, string, string, object][]} */
const LISTS = [
  // what, text, columns, list
  ["commas", "447700900001, Ann\n", "number, name", { columns: ["number", "name"], recipients: [ANN], problems: [] }],
  [
    "tabs, as a spreadsheet copies them",
    "447700900001\tAnn, of the shop\r\n",
    "number, name",
    { columns: ["number", "name"], recipients: [{ ...ANN, variables: { name: "Ann, of the shop" } }], problems: [] },
  ],
  [
    "a semicolon in a cell between commas",
    "447700900001,Ann; VIP",
    "number,name",
    { columns: ["number", "name"], recipients: [{ ...ANN, variables: { name: "Ann; VIP" } }], problems: [] },
  ],
  [
    "quotation marks around commas and quotation marks",
    '447700900001;"Ann; the ""boss"""',
    "number;name",
    { columns: ["number", "name"], recipients: [{ ...ANN, variables: { name: 'Ann; the "boss"' } }], problems: [] },
  ],
  [
    "a first line of names",
    "Phone,First name\n\n447700900001,Ann",
    "number, name",
    {
      columns: ["phone", "first_name"],
      titled: true,
      recipients: [{ ...ANN, variables: { first_name: "Ann" } }],
      problems: [],
    },
  ],
  [
    "an empty cell is no variable",
    "447700900001,",
    "number, name",
    { columns: ["number", "name"], recipients: [{ ...ANN, variables: {} }], problems: [] },
  ],
  [
    "a first line without a number is no line of names",
    ", Ann\n447700900001, Ann",
    "number, name",
    { columns: ["number", "name"], recipients: [{ ...ANN, to: "" }, ANN], problems: ["Line 1 has no number."] },
  ],
  [
    "more cells than names",
    "447700900001, Ann\n447700900002, Ben, 3",
    "number, name",
    {
      columns: ["number", "name"],
      recipients: [ANN, BEN],
      problems: ["Line 2 has 3 columns, but only 2 have a name."],
    },
  ],
  [
    "a name that cannot be one",
    "447700900001, Ann",
    "number, 1st",
    {
      columns: ["number", "1st"],
      recipients: [{ ...ANN, variables: { "1st": "Ann" } }],
      problems: ["“1st” is not a valid column name. Use letters, digits and _."],
    },
  ],
  [
    "the same number twice with the same variables",
    "447700900001, Ann\n447700900002, Ben\n\n+44 7700 900001, Ann",
    "number, name",
    {
      columns: ["number", "name"],
      recipients: [ANN, BEN, { ...ANN, to: "+44 7700 900001" }],
      problems: ["Line 4 is the same as line 1: remove the duplicate."],
    },
  ],
  [
    "the same number twice with other variables",
    "447700900001, Ann\n447700900001, Ben",
    "number, name",
    { columns: ["number", "name"], recipients: [ANN, { ...BEN, to: ANN.to }], problems: [] },
  ],
  [
    "a number that is too short",
    "447700900001, Ann\n44770, Ben",
    "number, name",
    {
      columns: ["number", "name"],
      recipients: [ANN, { ...BEN, to: "44770" }],
      problems: ["Line 2: “44770” is not a phone number with its country code, such as 447700900001."],
    },
  ],
  [
    "no number at all",
    "447700900001, Ann\nBen, 447700900002",
    "number, name",
    {
      columns: ["number", "name"],
      recipients: [ANN, { to: "Ben", variables: { name: "447700900002" } }],
      problems: ["Line 2: “Ben” is not a phone number with its country code, such as 447700900001."],
    },
  ],
  [
    "a line break in a cell",
    '447700900001\t"Ann\nand ""Bob"""\n447700900002\tBen',
    "number, name",
    {
      columns: ["number", "name"],
      recipients: [{ ...ANN, variables: { name: 'Ann\nand "Bob"' } }, BEN],
      problems: [],
    },
  ],
  [
    "a line break in a cell, and the numbers of the lines after it",
    '447700900001,"A\r\nB"\n44770,Ben',
    "number, name",
    {
      columns: ["number", "name"],
      recipients: [
        { ...ANN, variables: { name: "A\nB" } },
        { ...BEN, to: "44770" },
      ],
      problems: ["Line 3: “44770” is not a phone number with its country code, such as 447700900001."],
    },
  ],
  [
    "a quotation mark that never closes",
    '447700900001,"Ann\n447700900002,Ben',
    "number, name",
    { columns: ["number", "name"], recipients: [ANN, BEN], problems: [] },
  ],
  [
    "two columns of one name",
    "Phone,Name,name\n447700900001,Ann,Ann",
    "",
    {
      columns: ["phone", "name", "name"],
      titled: true,
      recipients: [ANN],
      problems: ["Two columns have the name “name”. Give each its own."],
    },
  ],
  [
    "a heading with a number in it",
    "Mobile 1,Name\n447700900001,Ann",
    "",
    { columns: ["mobile_1", "name"], titled: true, recipients: [ANN], problems: [] },
  ],
  [
    "a number with a name behind it is no heading",
    "+44 7700 900001 (Ann),Ann\n447700900002,Ben",
    "number, name",
    {
      columns: ["number", "name"],
      recipients: [{ ...ANN, to: "+44 7700 900001 (Ann)" }, BEN],
      problems: ["Line 1: “+44 7700 900001 (Ann)” is not a phone number with its country code, such as 447700900001."],
    },
  ],
  ["nothing", " \n", "number, name", { columns: ["number", "name"], recipients: [], problems: [] }],
];

for (const [what, text, columns, list] of LISTS) {
  test(`a list: ${what}`, () => assert.deepEqual(parseList(text, columns), { titled: false, ...list }));
}

/** Written as people do, and whether the API takes it for a number: as in its own tests. @type {[string, boolean][]} */
const NUMBERS = [
  ["+44 7700 900001", true],
  ["0044 7700.900-001", true],
  ["+44 (0)7700 900001", true],
  ["+1 (415) 555-0100", true],
  ["44 7700 900001", false],
  ["07700 900001", false],
  ["44 (0)7700 900001", false],
  ["+44 (0)(0)7700 900001", false],
  ["+(0)44 7700 900001", false],
  ["123456", false],
  ["1234567890123456", false],
];

for (const [number, taken] of NUMBERS) {
  test(`${number} is ${taken ? "a" : "no"} number`, () =>
    assert.equal(parseList(`${number}, Ann`, "number, name").problems.length, taken ? 0 : 1));
}

/** @type {[string, string, string, string, string[]][]} */
const LACKS = [
  // what, list, columns, text, sentences
  ["nothing", "447700900001, Ann", "number, name", "Hello {{ name }}", []],
  [
    "a column",
    "447700900001, Ann\n447700900002, Ben",
    "number, name",
    "{{ name }}: {{ order }}",
    ["The text needs “order”, but no column has this name. Add it under Columns."],
  ],
  [
    "a column of a list with names",
    "phone, name\n447700900001, Ann",
    "",
    "{{ order }}",
    ["The text needs “order”, but no column has this name. Add it to the first line of the list."],
  ],
  [
    "the number, which is no variable",
    "447700900001, Ann",
    "number, name",
    "{{ number }}",
    ["The text needs “number”, but the first column is always the number. Give another column this name."],
  ],
  ["one cell", "447700900001, Ann\n447700900002", "number, name", "Hello {{ name }}", ["447700900002 has no “name”."]],
  ["everything, while there is no list", "", "number, name", "{{ order }}", []],
];

for (const [what, list, columns, text, sentences] of LACKS) {
  test(`what is missingVariables: ${what}`, () =>
    assert.deepEqual(missingVariables(parseList(list, columns), text), sentences));
}

test("what a text needs is named once, in the order of the text", () => {
  assert.deepEqual(variablesOf("Hello {{ name }}, {{order}} is ready, {{name}}. {{ price | round }}"), [
    "name",
    "order",
  ]);
});

/** @type {[string, string | null][]} */
const TEXTS = [
  ["Hello {{ name }}!", "Hello Ann!"],
  ["{{ constructor }} {{ other }}", "{{ constructor }} {{ other }}"],
  ["{{ name | upper }}", null],
  ["{% if name %}Hello{% endif %}", null],
];

for (const [text, shown] of TEXTS) {
  test(`“${text}” as Ann reads it`, () => assert.equal(textFor(text, ANN), shown));
}

test("a number of the usual country is the same with its country code and without", () => {
  const usual = { default_country: "GB", calling_code: "44", national_prefix: "0" };
  const { recipients, problems } = parseList(
    "07700 900001, Ann\n447700900001, Ann\n07700 900002, Bo",
    "number, name",
    usual,
  );
  assert.deepEqual(problems, ["Line 2 is the same as line 1: remove the duplicate."]);
  assert.deepEqual(
    recipients.map(({ to }) => to),
    ["07700 900001", "447700900001", "07700 900002"],
  );
});
