/** What a list shows, as a file. */

import { channelName } from "../channels/channels.js";
import { rowBadge, rowReason } from "../dispatches/row_words.js";
import { html } from "../vendor/preact.js";
import { csvOf, linesOf } from "./csv.js";
import { saveFile } from "./save.js";

/** @import { DispatchSummary } from "#api" */

const HEAD = [
  "accepted_at",
  "due_at",
  "channels",
  "to",
  "outcome",
  "reason",
  "late",
  "steps_sent",
  "steps",
  "client",
  "reference",
  "text",
  "dispatch_uuid",
];

/** @param {DispatchSummary} row */
function cells(row) {
  return [
    row.created_at,
    row.due_at,
    row.to.map(({ channel }) => channelName(channel)).join(" > "),
    row.to.map(({ address }) => address).join(" > "),
    rowBadge(row).text,
    rowReason(row),
    row.late ? "late" : "",
    row.steps_sent,
    row.steps_total,
    row.client_name,
    row.client_ref,
    row.text,
    row.dispatch_uuid,
  ];
}

/** @param {{rows: DispatchSummary[], more: boolean}} props */
export function Downloads({ rows, more }) {
  const title = more ? `The ${rows.length} rows that are loaded` : `All ${rows.length} rows`;
  return html`<span class="downloads">
    <button type="button" class="quiet" title=${title} onClick=${() => saveFile("messages.csv", "text/csv", csvOf(HEAD, rows.map(cells)))}>Save as CSV</button>
    <button type="button" class="quiet" title=${title} onClick=${() => saveFile("messages.jsonl", "application/jsonl", linesOf(rows))}>JSON lines</button>
  </span>`;
}
