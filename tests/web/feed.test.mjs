import assert from "node:assert/strict";
import { test } from "node:test";

import { openFeed } from "../../functions/getthrough/web/dispatches/feed.js";

const SECOND = (/** @type {number} */ number) => new Date(Date.UTC(2026, 10, 23, 9, 0, number)).toISOString();

/** @param {number} number   the later, the higher */
function dispatch(number, more = {}) {
  return { dispatch_uuid: `d${number}`, created_at: SECOND(number), outcome: "succeeded", client_ref: null, ...more };
}

/** An API with these dispatches, newest first, by channel or all of them under "". @param {Record<string, object[]>} stored */
function server(stored) {
  const asked = [];
  return {
    stored,
    asked,
    async get(path, etag) {
      asked.push(path);
      const query = new URLSearchParams(path.split("?")[1]);
      const all = stored[query.get("channel") ?? ""];
      const start = Number(query.get("cursor") ?? 0);
      const end = start + Number(query.get("limit"));
      const body = { dispatches: all.slice(start, end), cursor: end < all.length ? String(end) : null };
      const now = JSON.stringify(body);
      return now === etag ? { body: null, etag } : { body, etag: now };
    },
  };
}

function numbers(count, from = count) {
  return Array.from({ length: count }, (_, index) => dispatch(from - index));
}

function ids(feed) {
  return feed.rows().map((row) => row.dispatch_uuid);
}

test("pages come one after the other until there are no older ones", async () => {
  const feed = openFeed(server({ "": numbers(45) }), [{ query: {} }]);
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
  const api = server({ "": numbers(45) });
  const feed = openFeed(api, [{ query: {} }]);
  await feed.refresh();
  await feed.older();
  assert.equal(await feed.refresh(), false);
  api.stored[""] = [dispatch(47), dispatch(46), ...numbers(45)];
  assert.equal(await feed.refresh(), true);
  assert.deepEqual(ids(feed).slice(0, 3), ["d47", "d46", "d45"]);
  assert.equal(ids(feed).length, 42);
});

test("more than a page of new ones begins the list anew, without a gap", async () => {
  const api = server({ "": numbers(20) });
  const feed = openFeed(api, [{ query: {} }]);
  await feed.refresh();
  api.stored[""] = numbers(45);
  await feed.refresh();
  assert.deepEqual([ids(feed)[0], ids(feed).length, feed.more()], ["d45", 20, true]);
});

test("what no longer fits leaves the list, and what is below stays", async () => {
  const api = server({ "": numbers(45) });
  const feed = openFeed(api, [{ query: { outcome: "open" } }]);
  await feed.refresh();
  await feed.older();
  api.stored[""] = numbers(45).filter((row) => row.dispatch_uuid !== "d40");
  await feed.refresh();
  assert.deepEqual([ids(feed).includes("d40"), ids(feed).length], [false, 39]);
});

test("one that is under way on a later page is seen to end", async () => {
  const rows = numbers(45);
  rows[30] = dispatch(15, { outcome: null });
  const api = server({ "": rows });
  const feed = openFeed(api, [{ query: {} }]);
  await feed.refresh();
  await feed.older();
  api.stored[""] = numbers(45);
  await feed.refresh();
  assert.equal(feed.rows()[30].outcome, "succeeded");
});

test("several lists are one, newest first, each dispatch once", async () => {
  const feed = openFeed(server({ sms: [dispatch(5), dispatch(2)], rcs: [dispatch(5), dispatch(4)] }), [
    { query: { channel: "sms" } },
    { query: { channel: "rcs" } },
  ]);
  await feed.refresh();
  assert.deepEqual(ids(feed), ["d5", "d4", "d2"]);
  assert.equal(feed.more(), false);
});

test("several lists are one only as far back as each of them was looked through", async () => {
  const even = numbers(60).filter((_, index) => index % 2 === 0);
  const feed = openFeed(server({ sms: even, rcs: [dispatch(59), dispatch(3)] }), [
    { query: { channel: "sms" } },
    { query: { channel: "rcs" } },
  ]);
  await feed.refresh();
  assert.deepEqual([ids(feed).slice(0, 2), ids(feed).at(-1), feed.more()], [["d60", "d59"], "d22", true]);
  await feed.older();
  assert.deepEqual([ids(feed).slice(-2), feed.more()], [["d3", "d2"], false]);
});

test("a page that is asked for twice at once comes once", async () => {
  const feed = openFeed(server({ "": numbers(45) }), [{ query: {} }]);
  await feed.refresh();
  await Promise.all([feed.older(), feed.older()]);
  assert.deepEqual(
    ids(feed),
    numbers(45).map((row) => row.dispatch_uuid),
  );
});

test("a page of a list that began anew meanwhile is not put below it", async () => {
  const api = server({ "": numbers(45) });
  const first = api.get.bind(api);
  let release = () => {};
  const held = new Promise((resolve) => {
    release = resolve;
  });
  api.get = async (path, etag) => {
    const answer = await first(path, etag);
    if (path.includes("cursor")) await held;
    return answer;
  };
  const feed = openFeed(api, [{ query: {} }]);
  await feed.refresh();
  const older = feed.older();
  api.stored[""] = numbers(20, 100);
  await feed.refresh();
  release();
  await older;
  assert.deepEqual(
    ids(feed),
    numbers(20, 100).map((row) => row.dispatch_uuid),
  );
});

test("what no longer fits leaves the list also where the page itself looks for a reference", async () => {
  const rows = numbers(150).map((row) => ({ ...row, client_ref: "order-7" }));
  const api = server({ "": rows });
  const feed = openFeed(api, [
    { query: { outcome: "open" }, only: ({ client_ref: reference }) => reference === "order-7" },
  ]);
  await feed.refresh();
  await feed.older();
  assert.equal(ids(feed).length, 150);
  api.stored[""] = rows.filter((row) => row.dispatch_uuid !== "d140");
  await feed.refresh();
  assert.deepEqual([ids(feed).includes("d140"), ids(feed).length], [false, 149]);
});

test("what the API cannot filter by is looked for page by page, five at a time, and it is told how many were looked at", async () => {
  const rows = numbers(1_200);
  rows[1_150] = dispatch(50, { client_ref: "order-7" });
  const api = server({ "": rows });
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
