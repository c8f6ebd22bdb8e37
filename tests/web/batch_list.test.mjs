import assert from "node:assert/strict";
import { test } from "node:test";

import { parseList, textFor, variablesOf } from "../web/batch_list.js";

const ANN = { to: "447700900001", variables: { name: "Ann" } };

/** @type {[string, string, string, object][]} */
const LISTS = [
  // what, text, columns, list
  ["commas", "447700900001, Ann\n", "number, name", { columns: ["number", "name"], recipients: [ANN], faults: [] }],
  ["tabs, as a spreadsheet copies them", "447700900001\tAnn, of the shop\r\n", "number, name",
    { columns: ["number", "name"], recipients: [{ ...ANN, variables: { name: "Ann, of the shop" } }], faults: [] }],
  ["a semicolon in a cell between commas", "447700900001,Ann; VIP", "number,name",
    { columns: ["number", "name"], recipients: [{ ...ANN, variables: { name: "Ann; VIP" } }], faults: [] }],
  ["quotation marks around commas and quotation marks", '447700900001;"Ann; the ""boss"""', "number;name",
    { columns: ["number", "name"], recipients: [{ ...ANN, variables: { name: 'Ann; the "boss"' } }], faults: [] }],
  ["a first line of names", "Phone,First name\n\n447700900001,Ann", "number, name",
    { columns: ["phone", "first_name"], recipients: [{ ...ANN, variables: { first_name: "Ann" } }], faults: [] }],
  ["an empty cell is no variable", "447700900001,", "number, name", { columns: ["number", "name"], recipients: [{ ...ANN, variables: {} }], faults: [] }],
  ["a first line without a number is no line of names", ", Ann\n447700900001, Ann", "number, name",
    { columns: ["number", "name"], recipients: [{ ...ANN, to: "" }, ANN], faults: ["Line 1 has no number."] }],
  ["more cells than names", "447700900001, Ann\n447700900001, Ann, 3", "number, name",
    { columns: ["number", "name"], recipients: [ANN, ANN], faults: ["Line 2 has 3 columns, but only 2 have a name."] }],
  ["a name that cannot be one", "447700900001, Ann", "number, 1st",
    { columns: ["number", "1st"], recipients: [{ ...ANN, variables: { "1st": "Ann" } }], faults: ["“1st” cannot name a column: use letters, digits and _."] }],
  ["nothing", " \n", "number, name", { columns: ["number", "name"], recipients: [], faults: [] }],
];

for (const [what, text, columns, list] of LISTS) {
  test(`a list: ${what}`, () => assert.deepEqual(parseList(text, columns), list));
}

test("what a text needs is named once, in the order of the text", () => {
  assert.deepEqual(variablesOf("Hello {{ name }}, {{order}} is ready, {{name}}. {{ price | round }}"), ["name", "order"]);
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
