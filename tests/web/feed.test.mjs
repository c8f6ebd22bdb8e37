import assert from "node:assert/strict";
import { test } from "node:test";

import { openFeed } from "../../functions/getthrough/web/dispatches/feed.js";

import { summary } from "./samples.mjs";

/** @import { DispatchSummary } from "#api" */
/** @import { Api } from "../../functions/getthrough/web/api/api.js" */
/** @import { Feed, ListQuery } from "../../functions/getthrough/web/dispatches/feed.js" */

const SECOND = (/** @type {number} */ number) => new Date(Date.UTC(2026, 10, 23, 9, 0, number)).toISOString();

/** @param {number} number   the later, the higher @param {Partial<DispatchSummary>} [more] */
function dispatch(number, more = {}) {
  return summary({ dispatch_uuid: `d${number}`, created_at: SECOND(number), ...more });
}

/**
 * An API with these dispatches, newest first, by channel or all of them under "".
 * @param {Record<string, DispatchSummary[]>} stored
 * @param {(query: ListQuery) => Promise<void>} [before]   called before each answer
 */
function server(stored, before = async () => {}) {
  /** @param {{query?: ListQuery}} asked */
  async function read({ query = {} }) {
    const all = stored[query.channel ?? ""] ?? [];
    const start = Number(query.cursor ?? 0);
    const end = start + (query.limit ?? 0);
    const body = { dispatches: all.slice(start, end), cursor: end < all.length ? String(end) : null };
    await before(query);
    return { body, etag: JSON.stringify(body), now: 0 };
  }
  /** @param {string | null} etag @param {{query?: ListQuery}} asked */
  async function readIfChanged(etag, asked) {
    const answer = await read(asked);
    return answer.etag === etag ? { ...answer, body: null } : answer;
  }
  /** @type {unknown} */
  const api = {
    get: (/** @type {string} */ _path, /** @type {{query?: ListQuery}} */ asked) => read(asked),
    getIfChanged: (
      /** @type {string} */ _,
      /** @type {string | null} */ etag,
      /** @type {{query?: ListQuery}} */ asked,
    ) => readIfChanged(etag, asked),
  };
  return { stored, api: /** @type {Api} */ (api) };
}

/** @param {number} count @param {number} [from] */
function numbers(count, from = count) {
  return Array.from({ length: count }, (_, index) => dispatch(from - index));
}

/** @param {Feed} feed */
function ids(feed) {
  return feed.rows().map((row) => row.dispatch_uuid);
}

test("pages come one after the other until there are no older ones", async () => {
  const feed = openFeed(server({ "": numbers(45) }).api, [{ query: {} }]);
  await feed.refresh();
  assert.deepEqual([ids(feed).length, feed.more()], [20, true]);
  await feed.older();
  await feed.older();
  assert.deepEqual(
    ids(feed),
    numbers(45).map((row) => row.dispatch_uuid),
  );
  assert.equal(feed.more(), false);
});

test("what is new comes on top of what was loaded, and what did not change costs nothing", async () => {
  const { api, stored } = server({ "": numbers(45) });
  const feed = openFeed(api, [{ query: {} }]);
  await feed.refresh();
  await feed.older();
  assert.equal(await feed.refresh(), false);
  stored[""] = [dispatch(47), dispatch(46), ...numbers(45)];
  assert.equal(await feed.refresh(), true);
  assert.deepEqual(ids(feed).slice(0, 3), ["d47", "d46", "d45"]);
  assert.equal(ids(feed).length, 42);
});

test("more than a page of new ones starts the list again, without a gap", async () => {
  const { api, stored } = server({ "": numbers(20) });
  const feed = openFeed(api, [{ query: {} }]);
  await feed.refresh();
  stored[""] = numbers(45);
  await feed.refresh();
  assert.deepEqual([ids(feed)[0], ids(feed).length, feed.more()], ["d45", 20, true]);
});

test("a dispatch that no longer matches leaves the list, and the rows below stay", async () => {
  const { api, stored } = server({ "": numbers(45) });
  const feed = openFeed(api, [{ query: { outcome: "open" } }]);
  await feed.refresh();
  await feed.older();
  stored[""] = numbers(45).filter((row) => row.dispatch_uuid !== "d40");
  await feed.refresh();
  assert.deepEqual([ids(feed).includes("d40"), ids(feed).length], [false, 39]);
});

test("an open dispatch on a later page is followed to its end", async () => {
  const rows = numbers(45);
  rows[30] = dispatch(15, { outcome: null });
  const { api, stored } = server({ "": rows });
  const feed = openFeed(api, [{ query: {} }]);
  await feed.refresh();
  await feed.older();
  stored[""] = numbers(45);
  await feed.refresh();
  assert.equal(feed.rows()[30]?.outcome, "succeeded");
});

test("several lists are one, newest first, each dispatch once", async () => {
  const feed = openFeed(server({ sms: [dispatch(5), dispatch(2)], rcs: [dispatch(5), dispatch(4)] }).api, [
    { query: { channel: "sms" } },
    { query: { channel: "rcs" } },
  ]);
  await feed.refresh();
  assert.deepEqual(ids(feed), ["d5", "d4", "d2"]);
  assert.equal(feed.more(), false);
});

test("several lists are one only as far back as each of them was looked through", async () => {
  const even = numbers(60).filter((_, index) => index % 2 === 0);
  const feed = openFeed(server({ sms: even, rcs: [dispatch(59), dispatch(3)] }).api, [
    { query: { channel: "sms" } },
    { query: { channel: "rcs" } },
  ]);
  await feed.refresh();
  assert.deepEqual([ids(feed).slice(0, 2), ids(feed).at(-1), feed.more()], [["d60", "d59"], "d22", true]);
  await feed.older();
  assert.deepEqual([ids(feed).slice(-2), feed.more()], [["d3", "d2"], false]);
});

test("a page that is asked for twice at once comes once", async () => {
  const feed = openFeed(server({ "": numbers(45) }).api, [{ query: {} }]);
  await feed.refresh();
  await Promise.all([feed.older(), feed.older()]);
  assert.deepEqual(
    ids(feed),
    numbers(45).map((row) => row.dispatch_uuid),
  );
});

test("a page of a list that started again meanwhile is not put below it", async () => {
  let release = () => {};
  /** @type {Promise<void>} */
  const held = new Promise((resolve) => {
    release = resolve;
  });
  const { api, stored } = server({ "": numbers(45) }, ({ cursor }) => (cursor ? held : Promise.resolve()));
  const feed = openFeed(api, [{ query: {} }]);
  await feed.refresh();
  const older = feed.older();
  stored[""] = numbers(20, 100);
  await feed.refresh();
  release();
  await older;
  assert.deepEqual(
    ids(feed),
    numbers(20, 100).map((row) => row.dispatch_uuid),
  );
});

test("a dispatch that no longer matches leaves the list, also in a search by reference", async () => {
  const rows = numbers(150).map((row) => ({ ...row, client_ref: "order-7" }));
  const { api, stored } = server({ "": rows });
  const feed = openFeed(api, [
    { query: { outcome: "open" }, only: ({ client_ref: reference }) => reference === "order-7" },
  ]);
  await feed.refresh();
  await feed.older();
  assert.equal(ids(feed).length, 150);
  stored[""] = rows.filter((row) => row.dispatch_uuid !== "d140");
  await feed.refresh();
  assert.deepEqual([ids(feed).includes("d140"), ids(feed).length], [false, 149]);
});

test("a filter that the API lacks is applied page by page, five at a time, and the feed says how many were read", async () => {
  const rows = numbers(1_200);
  rows[1_150] = dispatch(50, { client_ref: "order-7" });
  const { api } = server({ "": rows });
  const feed = openFeed(api, [{ query: {}, only: ({ client_ref: reference }) => reference === "order-7" }]);
  await feed.refresh();
  assert.deepEqual([ids(feed), feed.more(), feed.looked()], [[], true, 600]);
  await feed.older();
  assert.deepEqual([ids(feed), feed.more(), feed.looked()], [[], true, 1_100]);
  await feed.older();
  assert.deepEqual([ids(feed), feed.more(), feed.looked()], [["d50"], false, 1_200]);
  await feed.refresh();
  assert.deepEqual([ids(feed), feed.more(), feed.looked()], [["d50"], false, 1_200]);
});

test("a list in the order of its creation grows at its end, and then has a next page", async () => {
  const rows = numbers(45).reverse();
  const { api, stored } = server({ "": rows.slice(0, 5) });
  const feed = openFeed(api, [{ query: {} }]);
  await feed.refresh();
  assert.deepEqual([ids(feed).length, feed.more()], [5, false]);
  stored[""] = rows.slice(0, 20);
  await feed.refresh();
  assert.deepEqual([ids(feed).length, feed.more()], [20, false]);
  stored[""] = rows;
  assert.equal(await feed.refresh(), true); // the same rows, but now there are more
  assert.deepEqual([ids(feed).length, feed.more()], [20, true]);
  await feed.older();
  await feed.older();
  assert.deepEqual(
    ids(feed),
    rows.map((row) => row.dispatch_uuid),
  );
});

test("what a change of a row has answered is shown in its place", async () => {
  const feed = openFeed(server({ "": numbers(3) }).api, [{ query: {} }]);
  await feed.refresh();
  feed.put(dispatch(2, { outcome: "cancelled" }));
  feed.put(dispatch(9));
  assert.deepEqual(
    feed.rows().map((row) => [row.dispatch_uuid, row.outcome]),
    [
      ["d3", "succeeded"],
      ["d2", "cancelled"],
      ["d1", "succeeded"],
    ],
  );
});
