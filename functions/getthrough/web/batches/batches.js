/** "Send to many": all batches, one of them, or the form for a new one, depending on the URL. */

import { opening } from "../api/connection.js";
import { watch } from "../api/watch.js";
import { byId, h, reconcile, tell } from "../elements/dom.js";
import { fullTime, trouble, when } from "../text/words.js";
import { openBatch } from "./batch.js";
import { batchBar } from "./batch_bar.js";
import { openBatchForm } from "./batch_form.js";
import { batchBadge, batchTitle, completed, costWords, progress } from "./batch_words.js";

/** @import { Batch } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */

const PAGE_SIZE = 20;

/**
 * @param {Api} api
 * @param {string | null} id   the batch that is open; "new" is the form
 * @returns {() => void} stops it
 */
export function openBatches(api, id) {
  tell(byId("batches-notice"), id === "new" ? "" : opening());
  tell(byId("batches-problem"), "");
  byId("batches-body").replaceChildren();
  byId("batches-title").textContent = id === null ? "Send to many" : id === "new" ? "New batch" : "Batch";
  if (id === "new") return openBatchForm(api, byId("batches-body"));
  return id === null ? openAll(api) : openBatch(api, id, byId("batches-body"));
}

/** @param {Api} api */
function openAll(api) {
  const rows = h("ul", { class: "batches" });
  const empty = h(
    "p",
    { class: "empty", hidden: true },
    "No batches yet. A batch sends one message to many recipients, with a name or an order number filled in for each. Paste a list here, or POST one to ",
    h("code", {}, "/v1/batches"),
    ".",
  );
  const more = /** @type {HTMLButtonElement} */ (h("button", { type: "button", hidden: true }, "Load more"));
  byId("batches-body").append(
    h("p", { "data-needs": "operate" }, h("a", { class: "button", href: "#/batches/new" }, "New batch")),
    empty,
    rows,
    more,
  );
  /** @type {Batch[]} */
  let shown = [];
  /** @type {string | null} */
  let cursor = null;
  let stopped = false;

  async function look() {
    try {
      const { body: page } = await api.get("/v1/batches", { query: { limit: PAGE_SIZE } });
      if (stopped) return false;
      const before = JSON.stringify(shown);
      const known = new Set(page.batches.map(uuidOf));
      const older = shown.filter((batch) => !known.has(uuidOf(batch)));
      if (!older.length) cursor = page.cursor;
      shown = [...page.batches, ...older];
      tell(byId("batches-notice"), "");
      draw();
      empty.hidden = shown.length > 0;
      return before !== JSON.stringify(shown);
    } catch (error) {
      if (!stopped) tell(byId("batches-notice"), trouble(/** @type {ApiError} */ (error), "load"));
      return false;
    }
  }

  more.onclick = async () => {
    try {
      const { body: page } = await api.get("/v1/batches", { query: { limit: PAGE_SIZE, cursor: cursor ?? "" } });
      if (stopped) return;
      const known = new Set(shown.map(uuidOf));
      const added = page.batches.filter((batch) => !known.has(uuidOf(batch)));
      shown = [...shown, ...added];
      cursor = page.cursor;
      draw();
      if (added[0])
        /** @type {HTMLElement | null} */ (rows.querySelector(`a[href="#/batches/${uuidOf(added[0])}"]`))?.focus();
    } catch (error) {
      if (!stopped) tell(byId("batches-problem"), trouble(/** @type {ApiError} */ (error), "change"));
    }
  };

  function draw() {
    const today = new Date();
    more.hidden = cursor === null;
    reconcile(
      rows,
      shown.map((batch) => ({
        batch,
        words: progress(batch, Date.now(), (at) => when(at, today)),
        time: when(batch.created_at, today),
      })),
      ({ batch }) => uuidOf(batch),
      row,
    );
  }

  const watching = watch(look, (unchanged) => (shown.every(completed) || unchanged > 12 ? 15_000 : 3_000));
  return () => {
    stopped = true;
    watching.stop();
  };
}

/** @param {Batch} batch */
function uuidOf(batch) {
  return batch.batch_uuid;
}

/** @param {{batch: Batch, words: string, time: string}} item */
function row({ batch, words, time }) {
  const badge = batchBadge(batch);
  const cost = costWords(batch);
  return h(
    "li",
    { class: "card batch" },
    h(
      "p",
      { class: "batch-head" },
      h("a", { href: `#/batches/${batch.batch_uuid}` }, batchTitle(batch)),
      h("span", { class: `badge tone-${badge.tone}` }, badge.text),
    ),
    batchBar(batch),
    h(
      "p",
      { class: "hint" },
      h("time", { datetime: batch.created_at, title: fullTime(batch.created_at) }, time),
      ` · ${words}${cost && ` Cost${completed(batch) ? "" : " so far"}: ${cost}.`}`,
    ),
  );
}
