/** One batch, live: its progress, its cost, and the message of each recipient. */

import { watch } from "../api/watch.js";
import { row } from "../dispatches/rows.js";
import { askTwice } from "../elements/confirm.js";
import { announce, byId, h, reconcile, tell } from "../elements/dom.js";
import { fullTime, trouble, when } from "../text/words.js";
import { batchBar } from "./batch_bar.js";
import { batchBadge, batchTitle, completed, costWords, progress } from "./batch_words.js";

/** @import { Batch, DispatchSummary } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */

const PAGE_SIZE = 20;
const LARGEST_PAGE = 100;

/**
 * Shows the batch in `body` until it is stopped.
 * @param {Api} api
 * @param {string} uuid
 * @param {HTMLElement} body
 * @returns {() => void} stops it
 */
export function openBatch(api, uuid, body) {
  const path = { batch_uuid: uuid };
  const head = h("div", { class: "batch-one" });
  const cancel = h("button", { type: "button", class: "danger", "data-needs": "operate" });
  const actions = h("p", { hidden: true }, cancel);
  const rows = h("ul", { class: "rows", id: "batch-dispatches" });
  const more = /** @type {HTMLButtonElement} */ (h("button", { type: "button", hidden: true }, "Show more"));
  const none = h(
    "p",
    { class: "empty", hidden: true },
    "Nothing is sent yet. Messages appear here as they are sent, in the order of the list.",
  );
  const list = h(
    "div",
    { class: "batch-list", hidden: true },
    h("h2", {}, "Messages, in the order of the list"),
    none,
    rows,
    more,
  );
  body.append(h("p", {}, h("a", { class: "back", href: "#/batches" }, "← All batches")), head, actions, list);
  /** @type {Batch | null} */
  let shown = null;
  /** @type {DispatchSummary[]} */
  let dispatches = [];
  /** @type {string | null} */
  let cursor = null;
  let skew = 0;
  let stopped = false;

  async function look() {
    try {
      const { body: batch, now } = await api.get("/v1/batches/{batch_uuid}", { path });
      const limit = Math.min(LARGEST_PAGE, Math.max(PAGE_SIZE, dispatches.length));
      const { body: page } = await api.get("/v1/batches/{batch_uuid}/dispatches", { path, query: { limit } });
      if (stopped) return false;
      skew = now - Date.now();
      const before = JSON.stringify([shown, dispatches]);
      shown = batch;
      if (dispatches.length <= page.dispatches.length) cursor = page.cursor;
      dispatches = [...page.dispatches, ...dispatches.slice(page.dispatches.length)];
      tell(byId("batches-notice"), "");
      draw();
      return before !== JSON.stringify([shown, dispatches]);
    } catch (error) {
      const { status } = /** @type {ApiError} */ (error);
      if (!stopped)
        tell(
          byId("batches-notice"),
          status === 404
            ? "This batch was not found. Check the link. Old batches are deleted after a while."
            : trouble(/** @type {ApiError} */ (error), "load"),
        );
      return false;
    }
  }

  more.onclick = async () => {
    try {
      const { body: page } = await api.get("/v1/batches/{batch_uuid}/dispatches", {
        path,
        query: { limit: PAGE_SIZE, cursor: cursor ?? "" },
      });
      if (stopped) return;
      const first = dispatches.length;
      const known = new Set(dispatches.map(uuidOf));
      dispatches = [...dispatches, ...page.dispatches.filter((dispatch) => !known.has(uuidOf(dispatch)))];
      cursor = page.cursor;
      draw();
      rows.querySelectorAll("a")[first]?.focus();
    } catch (error) {
      if (!stopped) tell(byId("batches-problem"), trouble(/** @type {ApiError} */ (error), "change"));
    }
  };

  const forget = askTwice(cancel, "Cancel this batch", "Stop sending?", async () => {
    tell(byId("batches-problem"), "");
    try {
      ({ body: shown } = await api.delete("/v1/batches/{batch_uuid}", { path }));
      if (stopped) return;
      draw();
      announce("Cancelled. No more messages of this batch are sent.");
      byId("batches-title").focus();
      watching.now(); // a request that began before may still show the old state
    } catch (error) {
      if (!stopped) tell(byId("batches-problem"), trouble(/** @type {ApiError} */ (error), "change"));
    }
  });

  function draw() {
    if (!shown) return;
    const today = new Date();
    reconcile(
      head,
      [{ batch: shown, words: progress(shown, Date.now() + skew, (at) => when(at, today)) }],
      () => "batch",
      picture,
    );
    actions.hidden = shown.state !== "waiting" && shown.state !== "sending";
    list.hidden = false;
    none.hidden = dispatches.length > 0;
    more.hidden = cursor === null;
    const items = dispatches.map((summary) => ({ summary, time: when(summary.created_at, today), here: false }));
    reconcile(rows, items, ({ summary }) => uuidOf(summary), row);
  }

  const watching = watch(look, (unchanged) => {
    if (!shown) return 10_000;
    if (completed(shown)) return 60_000;
    return shown.state === "sending" && unchanged < 5 ? 1_000 : unchanged < 20 ? 3_000 : 15_000; // a cancelled batch still receives statuses
  });
  return () => {
    stopped = true;
    forget();
    watching.stop();
  };
}

/** @param {DispatchSummary} dispatch */
function uuidOf(dispatch) {
  return dispatch.dispatch_uuid;
}

/** @param {{batch: Batch, words: string}} item */
function picture({ batch, words }) {
  const badge = batchBadge(batch);
  /** @type {[string, string | Node][]} */
  const facts = [
    ["Accepted", fullTime(batch.created_at)],
    ["Starts", batch.send_at && batch.state === "waiting" ? fullTime(batch.send_at) : ""],
    ["Expected to end", batch.estimated_end_at ? fullTime(batch.estimated_end_at) : ""],
    ["Rate", `up to ${batch.rate} per second`],
    [completed(batch) ? "Cost" : "Cost so far", costWords(batch)],
    [
      "Schedule",
      batch.schedule_uuid ? h("a", { href: `#/schedules/${batch.schedule_uuid}` }, "the schedule that created it") : "",
    ],
    ["Batch", batch.batch_uuid],
  ];
  return h(
    "div",
    { class: "card batch" },
    h(
      "div",
      { class: "batch-head" },
      h("h2", {}, batchTitle(batch)),
      h("span", { class: `badge tone-${badge.tone}` }, badge.text),
    ),
    ...[...new Set(batch.steps.map(({ text, message_type: type }) => text ?? `(${type})`))].map((text) =>
      h("blockquote", {}, text),
    ),
    h("p", {}, words),
    batchBar(batch),
    h(
      "dl",
      { class: "batch-facts" },
      ...facts
        .filter(([, value]) => value !== "")
        .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
    ),
  );
}
