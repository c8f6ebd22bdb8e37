import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { deliver, keyOf } from "../../functions/getthrough/web/api/send_once.js";

/** @import { Api } from "../../functions/getthrough/web/api/api.js" */

const PATH = "/v1/messages";
const BODY = { to: "447700900001", text: "Ready" };

/** @type {Map<string, string>} */
let stored;

beforeEach(() => {
  stored = new Map();
  /** @type {unknown} */
  const storage = {
    getItem: (/** @type {string} */ name) => stored.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => stored.set(name, value),
    removeItem: (/** @type {string} */ name) => stored.delete(name),
  };
  globalThis.sessionStorage = /** @type {Storage} */ (storage);
});

class Refusal extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`status ${status}`);
    this.status = status;
  }
}

/** An API with these answers, one after the other. A status other than 202 is thrown. @param {...number} statuses */
function server(...statuses) {
  /** @type {(string | undefined)[]} */
  const keys = [];
  /** @type {unknown} */
  const api = {
    post(/** @type {string} */ _path, /** @type {object} */ _body, /** @type {Record<string, string>} */ headers) {
      keys.push(headers["idempotency-key"]);
      const status = statuses.shift() ?? 0;
      return status === 202 ? Promise.resolve({ body: { workflow_id: "1" } }) : Promise.reject(new Refusal(status));
    },
  };
  return { keys, api: /** @type {Api} */ (api) };
}

/** The status of the answer. @param {{api: Api}} to @param {object} [body] */
function sent({ api }, body = BODY) {
  return deliver(api, PATH, body).then(
    () => 202,
    ({ status }) => status,
  );
}

for (const status of [0, 429, 500, 502, 503, 504]) {
  test(`after ${status} the same request goes out under the same key, and under another one once it was answered`, async () => {
    const fake = server(status, status, 202, 202);
    for (const expected of [status, status, 202, 202]) assert.equal(await sent(fake), expected);
    const [first, second, third, fourth] = fake.keys;
    assert.deepEqual([second, third], [first, first]);
    assert.notEqual(fourth, first);
    assert.equal(stored.size, 0);
  });
}

for (const status of [401, 409, 413, 422]) {
  test(`after ${status} the same request is another one`, async () => {
    const fake = server(status, 202);
    for (const expected of [status, 202]) assert.equal(await sent(fake), expected);
    assert.notEqual(fake.keys[0], fake.keys[1]);
  });
}

test("another text is another intent, and going back to the first one is the first", async () => {
  const fake = server(0, 0, 202);
  await sent(fake);
  await sent(fake, { ...BODY, text: "Ready!" });
  await sent(fake);
  assert.notEqual(fake.keys[1], fake.keys[0]);
  assert.equal(fake.keys[2], fake.keys[0]);
});

test("the key that is shown is the key that is sent", async () => {
  const shown = keyOf(PATH, BODY);
  const fake = server(202);
  await sent(fake);
  assert.deepEqual(fake.keys, [shown]);
  assert.match(shown, /^[0-9a-f]{32}$/);
  assert.notEqual(keyOf(PATH, BODY), shown);
  assert.notEqual(keyOf("/v1/schedules", BODY), keyOf(PATH, BODY));
});

test("the key of an unanswered request survives a reload", async () => {
  const fake = server(0);
  await sent(fake);
  const again = "../../functions/getthrough/web/api/send_once.js?again";
  const reloaded = await import(again);
  assert.equal(reloaded.keyOf(PATH, BODY), fake.keys[0]);
});
