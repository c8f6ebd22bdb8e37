import assert from "node:assert/strict";
import { test } from "node:test";

import { commandOf, ordered } from "../../functions/getthrough/web/keyboard/keys.js";

const NOWHERE = { typing: false, chord: false, dialog: false };

/** @param {string} key @param {object} [more] */
function stroke(key, more = {}) {
  return { key, ctrlKey: false, metaKey: false, altKey: false, ...more };
}

test("single keys search, move, explain themselves and begin a chord", () => {
  const kinds = ["/", "?", "j", "k", "g", "x", "Enter"].map((key) => commandOf(stroke(key), NOWHERE)?.kind ?? null);
  assert.deepEqual(kinds, ["search", "help", "next", "previous", "chord", null, null]);
});

test("after g a letter goes to a view, and any other key does nothing", () => {
  const chord = { ...NOWHERE, chord: true };
  assert.deepEqual(commandOf(stroke("i"), chord), { kind: "go", to: "#/inbox" });
  assert.equal(commandOf(stroke("j"), chord), null);
  assert.equal(commandOf(stroke("constructor"), chord), null);
});

test("typing in a field only types, but for the menu and for leaving it", () => {
  const typing = { ...NOWHERE, typing: true };
  assert.deepEqual(
    ["j", "?", "g", "/"].map((key) => commandOf(stroke(key), typing)),
    [null, null, null, null],
  );
  assert.equal(commandOf(stroke("Escape"), typing)?.kind, "leave");
  assert.equal(commandOf(stroke("k", { ctrlKey: true }), typing)?.kind, "menu");
  assert.equal(commandOf(stroke("K", { metaKey: true }), typing)?.kind, "menu");
});

test("the browser's and a dialog's own keys stay theirs", () => {
  assert.equal(commandOf(stroke("j", { ctrlKey: true }), NOWHERE), null);
  assert.equal(commandOf(stroke("g", { altKey: true }), NOWHERE), null);
  assert.equal(commandOf(stroke("j"), { ...NOWHERE, dialog: true }), null);
});

test("commands that begin with what is typed come first, then what can be looked up, then those that contain it", () => {
  const all = ["New message", "Messages", "Sign out"].map((name) => ({ name }));
  const found = ordered([{ name: "Messages to mess" }], all, " mess");
  assert.deepEqual(
    found.map(({ name }) => name),
    ["Messages", "Messages to mess", "New message"],
  );
});
