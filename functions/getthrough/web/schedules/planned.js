/** The view "Planned": single messages that wait for their time, schedules, and batches, by what comes next. */

import { opening } from "../api/connection.js";
import { BatchRows } from "../batches/batches.js";
import { openFeed } from "../dispatches/feed.js";
import { isPlanned } from "../dispatches/row_words.js";
import { keyOf, pace, Row } from "../dispatches/rows.js";
import { Notice } from "../elements/ui.js";
import { useList } from "../lists/use_list.js";
import { html } from "../vendor/preact.js";
import { Schedules } from "./schedules.js";

/** @import { DispatchSummary } from "#api" */
/** @import { Api } from "../api/api.js" */

/** @param {{api: Api, id: string | null}} props */
export function Planned({ api, id }) {
  return html`<section id="schedules">
    <div class="schedules-top"><h1 id="schedules-title" tabindex="-1">Planned</h1> <a class="button" href="#/" data-needs="send">Plan a message</a></div>
    <${Single} api=${api} />
    <h2>Schedules</h2>
    <${Schedules} api=${api} id=${id} />
    <h2>Batches</h2>
    <${BatchRows} api=${api} />
  </section>`;
}

/** Messages that wait for their time, the next one first. @param {{api: Api}} props */
function Single({ api }) {
  const only = (/** @type {DispatchSummary} */ dispatch) => isPlanned(dispatch) && dispatch.batch_uuid === null;
  const list = useList("planned", () => openFeed(api, [{ query: { outcome: "open" }, only }]), pace);
  const rows = list.rows.filter(only).sort((one, two) => ((one.due_at ?? "") < (two.due_at ?? "") ? -1 : 1));
  return html`<h2>Messages</h2>
    <${Notice} text=${list.problem || (list.answered ? "" : opening())} />
    ${list.answered && !rows.length && html`<p class="empty" id="planned-empty">No message is planned. <span data-needs="send">In <a href="#/">New message</a>, choose “Later” under “When”.</span></p>`}
    <div class="found"><ul class="rows" id="planned" aria-label="Planned messages">${rows.map((summary) => html`<li key=${keyOf(summary)}><${Row} summary=${summary} /></li>`)}</ul></div>
    ${list.more && html`<button type="button" onClick=${list.older}>Load more</button>`}`;
}
