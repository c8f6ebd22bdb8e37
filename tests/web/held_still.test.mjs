import assert from "node:assert/strict";
import { test } from "node:test";

import { heldStill } from "../../functions/getthrough/web/lists/paged.js";

const KEY = (/** @type {{id: number, text?: string}} */ item) => String(item.id);

test("nothing appears, disappears or moves while a list is read, but rows are updated", () => {
  const shown = [{ id: 2, text: "old" }, { id: 1 }];
  const latest = [{ id: 3 }, { id: 2, text: "new" }];
  assert.deepEqual(heldStill(shown, latest, KEY, true), {
    shown: [{ id: 2, text: "new" }, { id: 1 }],
    fresh: 1,
    still: false,
  });
});

test("a list that no one reads shows the latest", () => {
  const latest = [{ id: 3 }];
  assert.deepEqual(heldStill([{ id: 1 }], latest, KEY, false), { shown: latest, fresh: 0, still: true });
  assert.deepEqual(heldStill([], latest, KEY, true), { shown: latest, fresh: 0, still: true });
});

test("a row that is gone is a change without anything new", () => {
  assert.deepEqual(heldStill([{ id: 2 }, { id: 1 }], [{ id: 2 }], KEY, true), {
    shown: [{ id: 2 }, { id: 1 }],
    fresh: 0,
    still: false,
  });
});
