import assert from "node:assert/strict";
import { test } from "node:test";

import { findRoute, linkTo } from "../../functions/getthrough/web/shell/routes.js";

const UUID = "5f1a2c3e-8d47-4b60-9c11-a1b2c3d4e500";
const everything = (/** @type {string} */ scope) => scope !== "";
const readOnly = (/** @type {string} */ scope) => scope === "read";

/** @param {string} hash */
function found(hash, may = everything) {
  const { view, id, query } = findRoute(hash, may);
  return [view.name, id, query.toString()];
}

test("each URL has its view, with the id and the query", () => {
  assert.deepEqual(found(""), ["compose", null, ""]);
  assert.deepEqual(found(`#/dispatches/${UUID}?outcome=open`), ["messages", UUID, "outcome=open"]);
  assert.deepEqual(found("#/inbox/0123456789ab"), ["inbox", "0123456789ab", ""]);
  assert.deepEqual(found(`#/schedules/${UUID}`), ["planned", UUID, ""]);
  assert.deepEqual(found("#/batches/new"), ["newBatch", null, ""]);
  assert.deepEqual(found("#/no-such-view"), ["compose", null, ""]);
});

test("what a client may not use is forbidden, and one that may not send begins with the messages", () => {
  assert.deepEqual(found("#/activity", readOnly), ["forbidden", null, ""]);
  assert.deepEqual(found("", readOnly), ["messages", null, ""]);
});

test("a link leaves out what is empty", () => {
  assert.equal(linkTo("#/dispatches", { q: "", outcome: "open" }), "#/dispatches?outcome=open");
  assert.equal(linkTo("#/dispatches", { q: "" }), "#/dispatches");
});
