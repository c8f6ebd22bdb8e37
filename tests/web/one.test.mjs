import assert from "node:assert/strict";
import { test } from "node:test";

import { openOne } from "../../functions/getthrough/web/lists/one.js";

/**
 * One answer of a server, which changes when `stored` does.
 * @param {{value: number}} stored @param {number} [ahead]   of its clock
 */
function serve(stored, ahead = 0) {
  /** @type {(string | null)[]} */
  const asked = [];
  const one = openOne((etag) => {
    asked.push(etag);
    const now = `"${stored.value}"`;
    const body = etag === now ? null : { value: stored.value };
    return Promise.resolve({ body, etag: now, now: Date.now() + ahead });
  });
  return { one, asked };
}

test("an answer is asked for with the etag of the one before, and stays the same object until it changes", async () => {
  const stored = { value: 1 };
  const { one, asked } = serve(stored);
  assert.equal(one.value(), null);
  assert.equal(await one.refresh(), true);
  const first = one.value();
  assert.equal(await one.refresh(), false);
  assert.equal(one.value(), first);
  stored.value = 2;
  assert.equal(await one.refresh(), true);
  assert.deepEqual([one.value(), asked], [{ value: 2 }, [null, '"1"', '"1"']]);
});

test("an answer without etag that says the same is no change", async () => {
  const one = openOne(() => Promise.resolve({ body: { value: 1 }, etag: null, now: Date.now() }));
  assert.deepEqual([await one.refresh(), await one.refresh()], [true, false]);
});

test("what a change has answered is shown at once, and the next answer replaces it", async () => {
  const { one } = serve({ value: 1 });
  await one.refresh();
  one.put({ value: 7 });
  assert.deepEqual(one.value(), { value: 7 });
  assert.equal(await one.refresh(), true);
  assert.deepEqual(one.value(), { value: 1 });
});

test("a server's clock is followed, but not within its whole seconds", async () => {
  const near = serve({ value: 1 }, 1_500).one;
  const far = serve({ value: 1 }, 3_600_000).one;
  await near.refresh();
  await far.refresh();
  const [nearBy, farBy] = [near.clock() - Date.now(), far.clock() - Date.now()];
  assert.deepEqual([Math.round(nearBy / 1_000), Math.round(farBy / 1_000)], [0, 3_600]);
});
