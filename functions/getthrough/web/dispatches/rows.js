/** A dispatch as a row of a list. */

import { channelName } from "../channels/channels.js";
import { Badge, Moment } from "../elements/ui.js";
import { html } from "../vendor/preact.js";
import { rowBadge, rowReason, rowTime } from "./row_words.js";

/** @import { DispatchSummary } from "#api" */

/** @param {DispatchSummary} dispatch */
export function keyOf(dispatch) {
  return dispatch.dispatch_uuid;
}

/** @param {DispatchSummary} dispatch */
export function hrefOf(dispatch) {
  return `#/dispatches/${dispatch.dispatch_uuid}`;
}

/** Milliseconds to the next look. @param {DispatchSummary[]} rows @param {number} unchanged */
export function pace(rows, unchanged) {
  return rows.some((dispatch) => dispatch.outcome === null) && unchanged < 12 ? 5_000 : 15_000;
}

/** @param {{summary: DispatchSummary, here?: boolean, search?: string}} props   `search`: the filter of the list, for the link */
export function Row({ summary, here = false, search = "" }) {
  const { client_ref: reference, canary, late, steps_total: total, steps_sent: sent, text } = summary;
  const why = [rowReason(summary), total > 1 ? `${sent} of ${total} steps tried` : ""].filter(Boolean).join(" · ");
  return html`<a href=${hrefOf(summary) + search} class="row" data-row aria-current=${here ? "page" : undefined}>
    <${Moment} at=${rowTime(summary)} />
    <span class="badges">
      ${canary && html`<span class="badge">canary</span>`}
      ${late && html`<span class="badge tone-late">late</span>`}
      <${Badge} ...${rowBadge(summary)} />
    </span>
    <span class="chain"><${Chain} summary=${summary} />${reference && html`<span class="hint reference"><span class="unseen">Reference </span>${reference}</span>`}</span>
    ${text && html`<span class="row-text" dir="auto">${text}</span>`}
    ${why && html`<span class="hint row-why">${why}</span>`}
  </a>`;
}

/** Its contacts in order, paler if nothing was sent to them yet: SMS 447700900001 → WhatsApp 447700900002. @param {{summary: DispatchSummary}} props */
function Chain({ summary: { to, steps_sent: sent } }) {
  return to.map(({ channel, address }, index) => {
    const again = to[index + 1]?.address === address; // a repeated address appears once, after its last channel
    return html`${index ? " → " : ""}<span class=${index > 0 && index >= sent ? "unsent" : undefined}><b>${channelName(channel)}</b>${again ? "" : ` ${address}`}</span>`;
  });
}
