/** What is spent and sent so far against the limits, and the channels that are down: parts of the view "Problems". */

import { opening } from "../api/connection.js";
import { Badge, Moment, Notice } from "../elements/ui.js";
import { useOne } from "../lists/use_list.js";
import { html } from "../vendor/preact.js";
import { destination, healthBadge, healthWords, limitName, limitTone, limitWords, usedShare } from "./limit_words.js";

/** @import { Limit } from "#api" */
/** @import { Api } from "../api/api.js" */

const OFTEN = 30_000;

/** @param {{api: Api}} props */
export function HealthAndLimits({ api }) {
  return html`<h2>Channels</h2><${Health} api=${api} /><h2>Limits and spending</h2><${Limits} api=${api} />`;
}

/** @param {{api: Api}} props */
function Health({ api }) {
  const { value, problem } = useOne(
    "health",
    (etag) => api.getIfChanged("/v1/health", etag, {}),
    () => OFTEN,
  );
  return html`<${Notice} text=${problem || (value ? "" : opening())} />
    ${value && !value.channels.length && html`<p class="empty">No channel is down, and none fails often.</p>`}
    <ul class="rows" id="health">${value?.channels.map(
      (
        health,
      ) => html`<li key=${destination(health)} class="saved"><span><b>${destination(health)}</b> <span class="hint">${healthWords(health)}${health.since && html` Since <${Moment} at=${health.since} />.`}</span></span>
      <${Badge} ...${healthBadge(health)} /></li>`,
    )}</ul>`;
}

/** @param {{api: Api}} props */
function Limits({ api }) {
  const { value, problem } = useOne(
    "limits",
    (etag) => api.getIfChanged("/v1/limits", etag, {}),
    () => OFTEN,
  );
  return html`<${Notice} text=${problem || (value ? "" : opening())} />
    ${value && !value.limits.length && html`<p class="empty">No limit is set.</p>`}
    <ul class="rows" id="limits">${value?.limits.map((limit) => html`<${LimitLine} key=${`${limit.limit} ${limit.client}`} limit=${limit} />`)}</ul>`;
}

/** @param {{limit: Limit}} props */
function LimitLine({ limit }) {
  const share = usedShare(limit);
  return html`<li class="saved limit-line"><span><b>${limitName(limit)}</b> <span class="hint">${limit.client ? `of ${limit.client}` : "of all clients"}</span></span>
    <span>${limitWords(limit)}${share !== null && html` <span class="hint">free again <${Moment} at=${limit.resets_at} /></span>`}</span>
    ${share !== null && html`<svg class="bar" aria-hidden="true"><rect class=${`tone-${limitTone(limit)}`} width=${`${100 * share}%`} height="100%" /></svg>`}</li>`;
}
