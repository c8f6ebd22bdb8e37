/** The view "Activity": who changed what, newest first. */

import { opening } from "../api/connection.js";
import { csvOf } from "../download/csv.js";
import { saveFile } from "../download/save.js";
import { Badge, Moment, Notice } from "../elements/ui.js";
import { openPaged, pagesOf } from "../lists/paged.js";
import { useList } from "../lists/use_list.js";
import { linkTo } from "../shell/routes.js";
import { html } from "../vendor/preact.js";
import { resultOf, subjectLink, whatWords } from "./activity_words.js";

/** @import { AuditEntry } from "#api" */
/** @import { Api } from "../api/api.js" */

const HEAD = ["at", "who", "what", "subject", "status", "request_id"];
const PAGE_SIZE = 50;

/** @param {{api: Api, query: URLSearchParams}} props */
export function Activity({ api, query }) {
  const who = query.get("who") ?? "";
  const subject = query.get("subject") ?? "";
  const list = useList(
    `activity ${who} ${subject}`,
    () =>
      openPaged(pagesOf(api, "/v1/audit", "entries", { query: { ...(who && { who }), ...(subject && { subject }) } }), {
        keyOf: (one) => `${one.at} ${one.request_id} ${one.subject}`,
        atOf: (one) => one.at,
        pageSize: PAGE_SIZE,
      }),
    () => 15_000,
  );
  const save = () =>
    saveFile(
      "activity.csv",
      "text/csv",
      csvOf(
        HEAD,
        list.rows.map((one) => [one.at, one.who, one.what, one.subject, one.status, one.request_id]),
      ),
    );
  return html`<section id="activity">
    <h1 id="activity-title" tabindex="-1">Activity</h1>
    <p class="hint">Every change that a client asked for. A customer’s own opt-out is shown with the customer.
      ${(who || subject) && html` <a href="#/activity">Show all</a>`}</p>
    <${Notice} text=${list.problem || (list.answered ? "" : opening())} />
    ${list.answered && !list.rows.length && html`<p class="empty">No change was asked for yet.</p>`}
    ${list.rows.length > 0 && html`<p><button type="button" class="quiet" onClick=${save}>Save as CSV</button></p>`}
    <ul class="rows" id="activity-rows" aria-label="Changes">${list.rows.map((one) => html`<li key=${`${one.at} ${one.request_id} ${one.subject}`}><${Line} entry=${one} /></li>`)}</ul>
    ${list.more && html`<button type="button" onClick=${list.older}>Load more</button>`}
  </section>`;
}

/** @param {{entry: AuditEntry}} props */
function Line({ entry }) {
  const link = subjectLink(entry);
  return html`<p class="row">
    <span><span><${Moment} at=${entry.at} /> <a href=${linkTo("#/activity", { who: entry.who })}><b>${entry.who}</b></a> ${whatWords(entry.what)}</span><${Badge} ...${resultOf(entry)} /></span>
    ${entry.subject && html`<span class="hint">${link ? html`<a href=${link}>${entry.subject}</a>` : entry.subject}</span>`}
  </p>`;
}
