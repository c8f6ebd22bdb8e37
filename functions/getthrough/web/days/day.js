/** A day's figures above the list, kept current; each is a filter of the list. */

import { channelName } from "../channels/channels.js";
import { Notice } from "../elements/ui.js";
import { useOne } from "../lists/use_list.js";
import { money, outcomeBadge } from "../text/words.js";
import { after, dayName, today } from "../time/days.js";
import { html, useState } from "../vendor/preact.js";
import { nothingWords, shares, span } from "./day_words.js";
import { readDay } from "./read_day.js";

/** @import { ChannelOfDay, Day } from "#api" */
/** @import { Api } from "../api/api.js" */
/** @import { Share } from "./day_words.js" */

const NUMBER = new Intl.NumberFormat("en-GB");
const OUTCOMES = /** @type {const} */ (["succeeded", "exhausted", "open", "planned", "stopped", "cancelled"]);

/**
 * @param {{api: Api, day: string, moved: (day: string) => void, picked: (part: {outcome?: string, only?: string}) => void}} props
 */
export function DayStrip({ api, day, moved, picked }) {
  const [open, setOpen] = useState(false);
  const { value: shown, problem } = useOne(`day ${day}`, readDay(api, day), (_, unchanged) =>
    day !== today() || unchanged > 5 ? 180_000 : 60_000,
  );
  const future = day >= today();
  /** @param {string} to */
  function move(to) {
    if (to <= today()) moved(to);
  }
  /** @param {any} event */
  function choose({ target }) {
    if (target.value && target.value < "1000") return; // the year is incomplete
    if (target.value && target.value <= today()) move(target.value);
    else target.value = day; // no day, or a future one, is not allowed
  }
  return html`<section class="card day" id="day" aria-labelledby="day-title">
    <div class="day-head">
      <h2 id="day-title">${dayName(day)}</h2>
      <p class="day-moves">
        <button type="button" class="quiet" aria-label="The day before" onClick=${() => move(after(day, -1))}>←</button>
        <input type="date" aria-label="Day" required max=${today()} value=${day} onChange=${choose} />
        <button type="button" class="quiet" aria-label="The day after" aria-disabled=${future || undefined} onClick=${() => move(after(day, 1))}>→</button>
      </p>
    </div>
    <${Notice} id="day-notice" text=${problem} />
    <div id="day-picture" aria-busy=${shown || problem ? undefined : "true"}>
      ${shown ? html`<${Figures} day=${shown} picked=${picked} open=${open} />` : !problem && html`<p class="hint counting">Counting …</p>`}
    </div>
    ${shown && shown.dispatches > 0 && html`<button type="button" class="quiet" id="day-more" aria-controls="day-picture" aria-expanded=${String(open)} onClick=${() => setOpen(!open)}>Cost and times by channel</button>`}
  </section>`;
}

/** @param {{day: Day, open: boolean, picked: (part: {outcome?: string, only?: string}) => void}} props */
function Figures({ day, open, picked }) {
  const { date, dispatches, messages_sent: sent, failed_over: over, late, cost, channels } = day;
  if (!dispatches)
    return html`<p class="empty">${nothingWords(date)} ${date === today() && html`<span data-needs="send"><a href="#/">Send a message</a>, and it is counted here within a minute.</span>`}</p>`;
  const outcomes = OUTCOMES.map((outcome) => ({
    outcome,
    count: outcome === "open" ? Math.max(0, day.open - day.planned) : day[outcome], // what is planned is open too
    ...outcomeBadge(outcome),
  }));
  return html`
    <div class="outcomes">
      <p class="total"><b>${NUMBER.format(dispatches)}</b>${dispatches === 1 ? " message" : " messages"}</p>
      <${Bar} parts=${outcomes.map(({ tone, count }) => [tone, count])} />
      <ul class="picks" aria-label="Filter by outcome">
        ${outcomes
          .filter(({ outcome, count }) => count > 0 || outcome === "succeeded" || outcome === "exhausted")
          .map(
            ({ outcome, count, tone, text }) => html`
          <li key=${outcome}><button type="button" class=${`pick tone-${tone}`} onClick=${() => picked({ outcome })}><b>${NUMBER.format(count)}</b> ${text.replace(/^.*: /, "").toLowerCase()}</button></li>`,
          )}
      </ul>
    </div>
    <dl class="facts">
      <div><dt>Steps sent</dt><dd>${NUMBER.format(sent)}</dd></div>
      <div><dt>Used a fallback</dt><dd><button type="button" class="figure" onClick=${() => picked({ only: "fallback" })}>${NUMBER.format(over)}</button></dd></div>
      <div><dt>Delivered late</dt><dd><button type="button" class="figure" onClick=${() => picked({ only: "late" })}>${NUMBER.format(late)}</button></dd></div>
      <div><dt>Cost</dt><dd>${cost.map(money).join(" + ") || "none reported"}</dd></div>
    </dl>
    ${open && html`<${Channels} channels=${channels} />`}`;
}

/** @param {{channels: ChannelOfDay[]}} props */
function Channels({ channels }) {
  const heads = ["Channel", "Sent", "Delivered", "Failed", "Median time", "95\u00a0% within"];
  return html`<table class="channels">
    <caption>By channel, with time to delivery</caption>
    <thead><tr>${heads.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>
    <tbody>${channels.map(
      ({ channel, sent, delivered, failed, median_seconds: median, p95_seconds: p95 }) => html`<tr key=${channel}>
      <th scope="row">${channelName(channel)}<${Bar} parts=${[["good", delivered], ["bad", failed], ["idle", sent - delivered - failed]]} /></th>
      ${[sent, delivered, failed].map((count) => html`<td>${NUMBER.format(count)}</td>`)}
      ${[median, p95].map((seconds) => html`<td>${seconds === null ? "–" : span(seconds)}</td>`)}
    </tr>`,
    )}</tbody>
  </table>`;
}

/** Parts of a whole as a bar, beside the numbers in words. @param {{parts: Share[]}} props */
function Bar({ parts }) {
  return html`<svg class="bar" aria-hidden="true">
    ${shares(parts).map(({ tone, from, width }) => html`<rect class=${`tone-${tone}`} x=${`${from}%`} width=${`${width}%`} height="100%" />`)}
  </svg>`;
}
