import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { answered, failed } from "../../functions/getthrough/web/api/connection.js";
import { watch } from "../../functions/getthrough/web/api/watch.js";

const SECOND = 1_000;

/** What the watch knows of the page: whether it is hidden. */
class Page extends EventTarget {
  hidden = false;
  body = { append() {} };

  getElementById() {
    return { textContent: "" };
  }

  /** @param {boolean} hidden */
  hide(hidden) {
    this.hidden = hidden;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

/** Lets what was begun go on. */
const goOn = () => new Promise((resolve) => setImmediate(resolve));

/** @param {number} seconds */
async function pass(seconds) {
  for (let second = 0; second < seconds; second++) {
    mock.timers.tick(SECOND);
    await goOn();
  }
}

const page = new Page();
const before = globalThis.document;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, { document: page });
});

afterEach(() => {
  mock.timers.reset();
  page.hidden = false;
  Object.assign(globalThis, { document: before });
});

/** A watch that counts its looks; each says whether something changed. @param {(unchanged: number) => number} wait @param {boolean} [always] */
function counting(wait, always) {
  const state = { looks: 0, changes: false };
  const look = () => {
    state.looks++;
    return Promise.resolve(state.changes);
  };
  return { state, watching: watch(look, wait, always) };
}

test("it looks at once, then less often the longer nothing changes, and often again after a change", async () => {
  const { state, watching } = counting((unchanged) => (unchanged < 3 ? SECOND : 10 * SECOND));
  await goOn();
  assert.equal(state.looks, 1);
  await pass(2);
  assert.equal(state.looks, 3);
  await pass(9);
  assert.equal(state.looks, 3);
  state.changes = true;
  await pass(1);
  await pass(2);
  assert.equal(state.looks, 6);
  watching.stop();
});

test("a hidden page rests, and looks at once when it is seen again", async () => {
  const { state, watching } = counting(() => SECOND);
  await goOn();
  page.hide(true);
  await pass(60);
  assert.equal(state.looks, 1);
  page.hide(false);
  await goOn();
  assert.equal(state.looks, 2);
  await pass(1);
  assert.equal(state.looks, 3);
  watching.stop();
});

test("a page that was hidden from the start looks once, and then when it is seen", async () => {
  page.hidden = true;
  const { state, watching } = counting(() => SECOND);
  await goOn();
  await pass(60);
  assert.equal(state.looks, 1);
  page.hide(false);
  await goOn();
  assert.equal(state.looks, 2);
  watching.stop();
});

test("what is wanted in a hidden page too goes on there", async () => {
  const { state, watching } = counting(() => SECOND, true);
  await goOn();
  page.hide(true);
  await pass(3);
  assert.equal(state.looks, 4);
  watching.stop();
});

test("what is stopped looks no more, whatever happens", async () => {
  const { state, watching } = counting(() => SECOND);
  await goOn();
  watching.stop();
  watching.now();
  page.hide(false);
  await pass(60);
  assert.equal(state.looks, 1);
});

test("without a connection it does not look, and once it is back it does", async () => {
  const { state, watching } = counting(() => 5 * SECOND);
  await goOn();
  Object.defineProperty(globalThis, "navigator", { value: { onLine: false }, configurable: true });
  failed();
  const looks = state.looks;
  await pass(4);
  assert.equal(state.looks, looks);
  answered();
  await goOn();
  assert.equal(state.looks, looks + 1);
  watching.stop();
});
