import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { deliver, keyOf } from "../../functions/getthrough/web/api/send_once.js";

const PATH = "/v1/messages";
const BODY = { to: "447700900001", text: "Ready" };

/** @type {Map<string, string>} */
let stored;

beforeEach(() => {
  stored = new Map();
  globalThis.sessionStorage = {
    getItem: (name) => stored.get(name) ?? null,
    setItem: (name, value) => stored.set(name, value),
    removeItem: (name) => stored.delete(name),
  };
});

/** An API that answers one thing after the other: a status other than 202 is thrown. */
function api(...statuses) {
  const keys = [];
  return {
    keys,
    async post(path, body, headers) {
      keys.push(headers["idempotency-key"]);
      const status = statuses.shift();
      if (status !== 202) throw { status };
      return { body: { workflow_id: "1" } };
    },
  };
}

async function sent(server, body = BODY) {
  return deliver(server, PATH, body).then(
    () => 202,
    ({ status }) => status,
  );
}

for (const status of [0, 429, 500, 502, 503, 504]) {
  test(`after ${status} the same request goes out under the same key, and under another one once it was answered`, async () => {
    const server = api(status, status, 202, 202);
    for (const expected of [status, status, 202, 202]) assert.equal(await sent(server), expected);
    const [first, second, third, fourth] = server.keys;
    assert.deepEqual([second, third], [first, first]);
    assert.notEqual(fourth, first);
    assert.equal(stored.size, 0);
  });
}

for (const status of [401, 409, 413, 422]) {
  test(`after ${status} the same request is another one`, async () => {
    const server = api(status, 202);
    for (const expected of [status, 202]) assert.equal(await sent(server), expected);
    assert.notEqual(server.keys[0], server.keys[1]);
  });
}

test("another text is another intent, and going back to the first one is the first", async () => {
  const server = api(0, 0, 202);
  await sent(server);
  await sent(server, { ...BODY, text: "Ready!" });
  await sent(server);
  assert.notEqual(server.keys[1], server.keys[0]);
  assert.equal(server.keys[2], server.keys[0]);
});

test("what is shown before is what it is sent under", async () => {
  const shown = keyOf(PATH, BODY);
  const server = api(202);
  await sent(server);
  assert.deepEqual(server.keys, [shown]);
  assert.match(shown, /^[0-9a-f]{32}$/);
  assert.notEqual(keyOf(PATH, BODY), shown);
  assert.notEqual(keyOf("/v1/schedules", BODY), keyOf(PATH, BODY));
});

test("the key of a request that was not answered survives a reload", async () => {
  const server = api(0);
  await sent(server);
  const reloaded = await import("../../functions/getthrough/web/api/send_once.js?again");
  assert.equal(reloaded.keyOf(PATH, BODY), server.keys[0]);
});
