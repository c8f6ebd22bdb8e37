/** One batch, live: its progress, its cost, and the message of each recipient. */

import { opening } from "../api/connection.js";
import { watch } from "../api/watch.js";
import { keyOf, Row } from "../dispatches/rows.js";
import { announce } from "../elements/dom.js";
import { AskTwice, Badge, Facts, Notice } from "../elements/ui.js";
import { fullTime, trouble, when } from "../text/words.js";
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { BatchBar } from "./batch_bar.js";
import { batchBadge, batchTitle, completed, costWords, progress } from "./batch_words.js";

/** @import { Batch as BatchView, DispatchSummary } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */

const PAGE_SIZE = 20;
const LARGEST_PAGE = 100;
const MISSING = "This batch was not found. Check the link. Old batches are deleted after a while.";

/** @typedef {{batch: BatchView, dispatches: DispatchSummary[], cursor: string | null}} Shown */

/** @param {{api: Api, id: string}} props */
export function Batch({ api, id }) {
  const path = { batch_uuid: id };
  const [shown, setShown] = useState(/** @type {Shown | null} */ (null));
  const [notice, setNotice] = useState("");
  const [problem, setProblem] = useState("");
  const latest = useRef(/** @type {Shown | null} */ (null));
  const now = useRef(() => {});
  const skew = useRef(0);
  /** @param {Shown} next */
  function show(next) {
    latest.current = next;
    setShown(next);
  }
  useEffect(() => {
    let stopped = false;
    async function look() {
      try {
        const before = latest.current;
        const { body: batch, now: clock } = await api.get("/v1/batches/{batch_uuid}", { path });
        const known = before?.dispatches ?? [];
        const limit = Math.min(LARGEST_PAGE, Math.max(PAGE_SIZE, known.length));
        const { body: page } = await api.get("/v1/batches/{batch_uuid}/dispatches", { path, query: { limit } });
        if (stopped) return false;
        skew.current = clock - Date.now();
        const cursor = known.length <= page.dispatches.length ? page.cursor : (before?.cursor ?? null);
        show({ batch, dispatches: [...page.dispatches, ...known.slice(page.dispatches.length)], cursor });
        setNotice("");
        return JSON.stringify(before) !== JSON.stringify(latest.current);
      } catch (error) {
        const failure = /** @type {ApiError} */ (error);
        if (!stopped) setNotice(failure.status === 404 ? MISSING : trouble(failure, "load"));
        return false;
      }
    }
    const watching = watch(look, (unchanged) => {
      const batch = latest.current?.batch;
      if (!batch) return 10_000;
      if (completed(batch)) return 60_000;
      return batch.state === "sending" && unchanged < 5 ? 1_000 : unchanged < 20 ? 3_000 : 15_000; // a cancelled batch still receives statuses
    });
    now.current = watching.now;
    return () => {
      stopped = true;
      watching.stop();
    };
  }, [id]);

  async function more() {
    if (!latest.current) return;
    try {
      const { body: page } = await api.get("/v1/batches/{batch_uuid}/dispatches", {
        path,
        query: { limit: PAGE_SIZE, cursor: latest.current.cursor ?? "" },
      });
      const known = new Set(latest.current.dispatches.map(keyOf));
      const added = page.dispatches.filter((dispatch) => !known.has(keyOf(dispatch)));
      show({ ...latest.current, dispatches: [...latest.current.dispatches, ...added], cursor: page.cursor });
    } catch (error) {
      setProblem(trouble(/** @type {ApiError} */ (error), "change"));
    }
  }

  async function cancel() {
    setProblem("");
    try {
      const { body: batch } = await api.delete("/v1/batches/{batch_uuid}", { path });
      if (latest.current) show({ ...latest.current, batch });
      announce("Cancelled. No more messages of this batch are sent.");
      document.getElementById("batches-title")?.focus();
      now.current(); // a request that began before may still show the old state
    } catch (error) {
      setProblem(trouble(/** @type {ApiError} */ (error), "change"));
    }
  }

  const live = shown && (shown.batch.state === "waiting" || shown.batch.state === "sending");
  return html`<section id="batches">
    <h1 id="batches-title" tabindex="-1">Batch</h1>
    <p><a class="back" href="#/batches">← All batches</a></p>
    <${Notice} id="batches-notice" text=${notice || (shown ? "" : opening())} />
    <${Notice} bad id="batches-problem" text=${problem} />
    ${
      shown &&
      html`
      <div class="batch-one"><${Picture} batch=${shown.batch} now=${Date.now() + skew.current} /></div>
      ${live && html`<p data-needs="operate"><${AskTwice} class="danger" label="Cancel this batch" question="Stop sending?" act=${cancel} /></p>`}
      <div class="batch-list">
        <h2>Messages, in the order of the list</h2>
        ${!shown.dispatches.length && html`<p class="empty">Nothing is sent yet. Messages appear here as they are sent, in the order of the list.</p>`}
        <ul class="rows" id="batch-dispatches">${shown.dispatches.map((summary) => html`<li key=${keyOf(summary)}><${Row} summary=${summary} /></li>`)}</ul>
        ${shown.cursor !== null && html`<button type="button" onClick=${more}>Load more</button>`}
      </div>`
    }
  </section>`;
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
