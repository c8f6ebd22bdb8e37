/** What is spent and sent so far against the limits, and the channels that are down: parts of the view "Problems". */

import { opening } from "../api/connection.js";
import { watch } from "../api/watch.js";
import { Badge, Moment, Notice } from "../elements/ui.js";
import { trouble } from "../text/words.js";
import { html, useEffect, useState } from "../vendor/preact.js";
import { destination, healthBadge, healthWords, limitName, limitTone, limitWords, usedShare } from "./limit_words.js";

/** @import { ChannelHealth, Limit } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */

const OFTEN = 30_000;

/** @param {{api: Api}} props */
export function HealthAndLimits({ api }) {
  const [found, setFound] = useState(/** @type {{channels: ChannelHealth[], limits: Limit[]} | null} */ (null));
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let stopped = false;
    async function look() {
      try {
        const [health, limits] = await Promise.all([api.get("/v1/health", {}), api.get("/v1/limits", {})]);
        if (stopped) return false;
        setFound({ channels: health.body.channels, limits: limits.body.limits });
        setProblem("");
      } catch (error) {
        if (!stopped) setProblem(trouble(/** @type {ApiError} */ (error), "load"));
      }
      return false;
    }
    const watching = watch(look, () => OFTEN);
    return () => {
      stopped = true;
      watching.stop();
    };
  }, []);
  return html`<${Notice} text=${problem || (found ? "" : opening())} />
    <h2>Channels</h2>
    ${found && !found.channels.length && html`<p class="empty">No channel is down, and none fails often.</p>`}
    <ul class="rows" id="health">${found?.channels.map(
      (
        health,
      ) => html`<li key=${destination(health)} class="saved"><span><b>${destination(health)}</b> <span class="hint">${healthWords(health)}${health.since && html` Since <${Moment} at=${health.since} />.`}</span></span>
      <${Badge} ...${healthBadge(health)} /></li>`,
    )}</ul>
    <h2>Limits and spending</h2>
    ${found && !found.limits.length && html`<p class="empty">No limit is set.</p>`}
    <ul class="rows" id="limits">${found?.limits.map((limit) => html`<${LimitLine} key=${`${limit.limit} ${limit.client}`} limit=${limit} />`)}</ul>`;
}

/** @param {{limit: Limit}} props */
function LimitLine({ limit }) {
  const share = usedShare(limit);
  return html`<li class="saved limit-line"><span><b>${limitName(limit)}</b> <span class="hint">${limit.client ? `of ${limit.client}` : "of all clients"}</span></span>
    <span>${limitWords(limit)}${share !== null && html` <span class="hint">free again <${Moment} at=${limit.resets_at} /></span>`}</span>
    ${share !== null && html`<svg class="bar" aria-hidden="true"><rect class=${`tone-${limitTone(limit)}`} width=${`${100 * share}%`} height="100%" /></svg>`}</li>`;
}
