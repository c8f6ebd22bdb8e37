/** One batch, live: its progress, its cost, and the message of each recipient. */

import { opening } from "../api/connection.js";
import { keyOf, Row } from "../dispatches/rows.js";
import { announce } from "../elements/dom.js";
import { AskTwice, Badge, Facts, Notice } from "../elements/ui.js";
import { openPaged, pagesOf } from "../lists/paged.js";
import { useList, useOne } from "../lists/use_list.js";
import { fullTime, trouble, when } from "../text/words.js";
import { html, useState } from "../vendor/preact.js";
import { BatchBar } from "./batch_bar.js";
import { batchBadge, batchTitle, completed, costWords, progress } from "./batch_words.js";

/** @import { Batch as BatchView } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */

const MISSING = "This batch was not found. Check the link. Old batches are deleted after a while.";

/** To the next look. A cancelled batch still receives statuses. @param {BatchView | null} batch @param {number} unchanged */
function pace(batch, unchanged) {
  if (!batch) return 10_000;
  if (completed(batch)) return 60_000;
  return batch.state === "sending" && unchanged < 5 ? 1_000 : unchanged < 20 ? 3_000 : 15_000;
}

/** @param {{api: Api, id: string}} props */
export function Batch({ api, id }) {
  const path = { batch_uuid: id };
  const one = useOne(`batch ${id}`, (etag) => api.getIfChanged("/v1/batches/{batch_uuid}", etag, { path }), pace);
  const { value: batch, status } = one;
  const [problem, setProblem] = useState("");

  async function cancel() {
    setProblem("");
    try {
      one.put((await api.delete("/v1/batches/{batch_uuid}", { path })).body);
      announce("Cancelled. No more messages of this batch are sent.");
      document.getElementById("batches-title")?.focus();
    } catch (error) {
      setProblem(trouble(/** @type {ApiError} */ (error), "change"));
    }
  }

  const live = batch && (batch.state === "waiting" || batch.state === "sending");
  return html`<section id="batches">
    <h1 id="batches-title" tabindex="-1">Batch</h1>
    <p><a class="back" href="#/batches">← All batches</a></p>
    <${Notice} id="batches-notice" text=${status === 404 ? MISSING : one.problem || (batch ? "" : opening())} />
    <${Notice} bad id="batches-problem" text=${problem} />
    ${
      batch &&
      html`
      <div class="batch-one"><${Picture} batch=${batch} now=${one.clock()} /></div>
      ${live && html`<p data-needs="operate"><${AskTwice} class="danger" label="Cancel this batch" question="Stop sending?" act=${cancel} /></p>`}
      <${Recipients} api=${api} batch=${batch} />`
    }
  </section>`;
}

/** @param {{api: Api, batch: BatchView}} props */
function Recipients({ api, batch }) {
  const path = { batch_uuid: batch.batch_uuid };
  const list = useList(
    `batch ${batch.batch_uuid} messages`,
    () =>
      openPaged(pagesOf(api, "/v1/batches/{batch_uuid}/dispatches", "dispatches", { path }), {
        keyOf,
        atOf: (dispatch) => dispatch.created_at,
        open: (dispatch) => dispatch.outcome === null,
      }),
    (_, unchanged) => pace(batch, unchanged),
  );
  return html`<div class="batch-list">
    <h2>Messages, in the order of the list</h2>
    <${Notice} text=${list.problem} />
    ${list.answered && !list.rows.length && html`<p class="empty">Nothing is sent yet. Messages appear here as they are sent, in the order of the list.</p>`}
    <ul class="rows" id="batch-dispatches">${list.rows.map((summary) => html`<li key=${keyOf(summary)}><${Row} summary=${summary} /></li>`)}</ul>
    ${list.more && html`<button type="button" onClick=${list.older}>Load more</button>`}
  </div>`;
}

/** @param {{batch: BatchView, now: number}} props */
function Picture({ batch, now }) {
  const today = new Date();
  /** @type {[string, unknown][]} */
  const facts = [
    ["Accepted", fullTime(batch.created_at)],
    ["Starts", batch.send_at && batch.state === "waiting" && fullTime(batch.send_at)],
    ["Expected to end", batch.estimated_end_at && fullTime(batch.estimated_end_at)],
    ["Rate", `up to ${batch.rate} per second`],
    [completed(batch) ? "Cost" : "Cost so far", costWords(batch)],
    [
      "Schedule",
      batch.schedule_uuid && html`<a href=${`#/schedules/${batch.schedule_uuid}`}>the schedule that created it</a>`,
    ],
    ["Batch", batch.batch_uuid],
  ];
  return html`<div class="card batch">
    <div class="batch-head"><h2>${batchTitle(batch)}</h2><${Badge} ...${batchBadge(batch)} /></div>
    ${[...new Set(batch.steps.map(({ text, message_type: type }) => text ?? `(${type})`))].map((text) => html`<blockquote dir="auto">${text}</blockquote>`)}
    <p>${progress(batch, now, (at) => when(at, today))}</p>
    <${BatchBar} batch=${batch} />
    <${Facts} class="batch-facts" items=${facts} />
  </div>`;
}
