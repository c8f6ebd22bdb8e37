/** The newest messages, beside the form. */

import { Notice } from "../elements/ui.js";
import { LiveRows, useList } from "../lists/use_list.js";
import { html } from "../vendor/preact.js";
import { openFeed } from "./feed.js";
import { hrefOf, keyOf, pace, Row } from "./rows.js";

/** @import { Api } from "../api/api.js" */

/** @param {{api: Api}} props */
export function Newest({ api }) {
  const list = useList("newest", () => openFeed(api, [{ query: {} }]), pace);
  return html`<aside id="newest" aria-labelledby="newest-title">
    <h2 id="newest-title">Newest messages</h2>
    <${Notice} text=${list.problem} />
    ${list.answered && !list.rows.length && html`<p class="empty" id="newest-empty">No messages yet. Each message that you send, here or through the API (<code>POST /v1/messages</code>), appears in this list. Open one to see what happens to it, step by step.</p>`}
    <${LiveRows} list=${list} id="rows" keyOf=${keyOf} hrefOf=${hrefOf} row=${(/** @type {any} */ summary) => html`<${Row} summary=${summary} />`} />
  </aside>`;
}
