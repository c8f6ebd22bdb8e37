import assert from "node:assert/strict";
import { test } from "node:test";

import { cell, csvOf, linesOf } from "../../functions/getthrough/web/download/csv.js";

test("a cell that a spreadsheet would run as a formula begins with an apostrophe", () => {
  const formulas = ["=1+1", "+447700900001", "-2", "@SUM(A1)", "\t=1", " =cmd", "\r=1", "＝1"];
  assert.deepEqual(
    formulas.map((text) => cell(text).replace(/^"/, "").charAt(0)),
    formulas.map(() => "'"),
  );
  assert.equal(cell("Hello, =1"), '"Hello, =1"');
  assert.equal(cell("Hello;=1+1; +2;x"), `"Hello;'=1+1;' +2;x"`);
  assert.equal(cell(-2), "-2", "a number of our own is no formula");
});

test("a line of a text, and what follows a tab, is no formula either, where no quotation mark holds the cell together", () => {
  assert.equal(cell("Hello\n=1+1\r\n +2"), `"Hello\n'=1+1\r\n' +2"`);
  assert.equal(cell("Hello\t=1"), `"Hello\t'=1"`);
});

test("quotation marks, separators and line breaks stay within their cell", () => {
  assert.equal(cell('Say "hi",\nplease'), '"Say ""hi"",\nplease"');
  assert.equal(cell(null), "");
});

test("a table is RFC 4180, in UTF-8 that Excel recognises", () => {
  assert.equal(csvOf(["to", "text"], [["447700900001", "Grüße"]]), "\ufeffto,text\r\n447700900001,Grüße\r\n");
});

test("JSON lines have one value each", () => {
  assert.equal(linesOf([{ a: "x\ny" }, 2]), '{"a":"x\\ny"}\n2\n');
});
