/** All batches, with their progress. */

import { opening } from "../api/connection.js";
import { Badge, Moment, Notice } from "../elements/ui.js";
import { openPaged, pagesOf } from "../lists/paged.js";
import { useList } from "../lists/use_list.js";
import { when } from "../text/words.js";
import { html } from "../vendor/preact.js";
import { BatchBar } from "./batch_bar.js";
import { batchBadge, batchTitle, completed, costWords, progress } from "./batch_words.js";

/** @import { Batch } from "#api" */
/** @import { Api } from "../api/api.js" */

/** @param {{api: Api}} props */
export function Batches({ api }) {
  return html`<section id="batches"><h1 id="batches-title" tabindex="-1">Batches</h1><${BatchRows} api=${api} /></section>`;
}

/** @param {{api: Api}} props */
export function BatchRows({ api }) {
  const list = useList(
    "batches",
    () =>
      openPaged(pagesOf(api, "/v1/batches", "batches"), {
        keyOf: (batch) => batch.batch_uuid,
        atOf: (batch) => batch.created_at,
      }),
    (rows, unchanged) => (rows.every(completed) || unchanged > 12 ? 15_000 : 3_000),
  );
  return html`
    <p data-needs="operate"><a class="button" href="#/batches/new">New batch</a></p>
    <${Notice} id="batches-notice" text=${list.problem || (list.answered ? "" : opening())} />
    ${list.answered && !list.rows.length && html`<p class="empty">No batches yet. A batch sends one message to many recipients, with a name or an order number filled in for each. Paste a list here, or POST one to <code>/v1/batches</code>.</p>`}
    <ul class="batches">${list.rows.map((batch) => html`<${Line} key=${batch.batch_uuid} batch=${batch} />`)}</ul>
    ${list.more && html`<button type="button" onClick=${list.older}>Load more</button>`}`;
}

/** @param {{batch: Batch}} props */
function Line({ batch }) {
  const cost = costWords(batch);
  const today = new Date();
  const words = progress(batch, Date.now(), (at) => when(at, today));
  return html`<li class="card batch">
    <p class="batch-head"><a href=${`#/batches/${batch.batch_uuid}`}>${batchTitle(batch)}</a><${Badge} ...${batchBadge(batch)} /></p>
    <${BatchBar} batch=${batch} />
    <p class="hint"><${Moment} at=${batch.created_at} />${` · ${words}${cost && ` Cost${completed(batch) ? "" : " so far"}: ${cost}.`}`}</p>
  </li>`;
}
