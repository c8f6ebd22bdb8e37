/** The view "Windows": when messages arrive, and what another window would change. */

import { opening } from "../api/connection.js";
import { channelName, channelOf } from "../channels/channels.js";
import { fillForm } from "../compose/again.js";
import { Notice } from "../elements/ui.js";
import { openPaged } from "../lists/paged.js";
import { useList } from "../lists/use_list.js";
import { draft } from "../shell/drafts.js";
import { linkTo } from "../shell/routes.js";
import { html, useMemo, useRef, useState } from "../vendor/preact.js";
import {
  arrivedBy,
  curveOf,
  forecast,
  groupsOf,
  keyOf,
  lineOf,
  nearestWindow,
  placeOf,
  WINDOWS,
  windowAt,
  withWindow,
} from "./curves.js";
import { costWords, doubts, groupName, ofThousand, shareWords, sourceWords, windowWords } from "./lab_words.js";

/** @import { Arrivals } from "#api" */
/** @import { Api } from "../api/api.js" */
/** @import { Curve, Forecast, Group } from "./curves.js" */

const PAGE_SIZE = 100;
const SELDOM = 120_000;
/** Named on the axis, in seconds. */
const TICKS = [1, 5, 15, 60, 300, 1_800, 7_200, 86_400];

/** @typedef {{group: Group, curve: Curve}} Known */

/** @param {{api: Api, query: URLSearchParams}} props */
export function Lab({ api, query }) {
  const list = useList(
    "arrivals",
    () =>
      openPaged(
        async (asked, etag) => {
          const answer = await api.getIfChanged("/v1/arrivals", etag, { query: asked });
          return {
            page: answer.body && { items: answer.body.arrivals, cursor: answer.body.cursor },
            etag: answer.etag,
          };
        },
        {
          keyOf: (/** @type {Arrivals} */ one) => `${one.week} ${keyOf(one)} ${one.sender}`,
          atOf: (one) => one.week,
          pageSize: PAGE_SIZE,
        },
      ),
    () => SELDOM,
  );
  const known = useMemo(() => groupsOf(list.rows).map((group) => ({ group, curve: curveOf(group) })), [list.rows]);
  const wanted = keyOf({ channel: query.get("channel") ?? "", country: query.get("country") ?? "" });
  const chosen = known.find(({ group }) => keyOf(group) === wanted) ?? known[0];
  return html`<section id="lab">
    <h1 id="lab-title" tabindex="-1">Windows</h1>
    <p class="hint">How long should a message wait before its fallback is sent? This is how long your own messages took to arrive.</p>
    <${Notice} text=${list.problem || (list.answered ? "" : opening())} />
    ${list.answered && !chosen && html`<p class="empty">Nothing is counted yet. A message counts once it has arrived, or its last window has ended. Come back when some have.</p>`}
    ${
      chosen &&
      html`<nav class="chips" aria-label="Messages">${known.map(
        ({ group }) =>
          html`<a key=${keyOf(group)} class=${group === chosen.group ? "pill on" : "pill"} aria-current=${group === chosen.group ? "true" : undefined}
          href=${linkTo("#/windows", { channel: group.channel, country: group.country })}>${groupName(group)}</a>`,
      )}</nav>
    <${Choice} key=${keyOf(chosen.group)} chosen=${chosen} known=${known} />`
    }
    ${list.more && html`<p><button type="button" class="quiet" onClick=${list.older}>Count older weeks too</button></p>`}
  </section>`;
}

/** @param {{chosen: Known, known: Known[]}} props */
function Choice({ chosen, known }) {
  const { group, curve } = chosen;
  const usual = Number(channelOf(group.channel).window);
  const others = known.filter((one) => one !== chosen && one.group.country === group.country);
  const [window, setWindow] = useState(nearestWindow(usual));
  const [then, setThen] = useState(others[0] ? keyOf(others[0].group) : "");
  const [price, setPrice] = useState("");
  const fallback = others.find((one) => keyOf(one.group) === then) ?? null;
  const second = fallback?.curve ?? null;
  function use() {
    const other = fallback?.group.channel ?? (group.channel === "sms" ? "whatsapp" : "sms");
    fillForm(withWindow(/** @type {any} */ (draft("compose")), group.channel, window, other));
  }
  return html`<div class="card lab-card">
    <h2>${groupName(group)}</h2>
    <p class="hint">${sourceWords(group, curve)}</p>
    <${Picture} curve=${curve} others=${others} window=${window} moved=${setWindow} />
    <p class="field lab-slider"><label for="lab-window">Window: <b>${windowWords(window)}</b></label>
      <input type="range" id="lab-window" min="0" max=${WINDOWS.length - 1} step="1" value=${WINDOWS.indexOf(window)} aria-valuetext=${windowWords(window)} aria-describedby="lab-doubts"
        onInput=${(/** @type {any} */ event) => setWindow(WINDOWS[Number(event.target.value)] ?? usual)} /></p>
    <div class="lab-doubts" id="lab-doubts">${doubts(curve, window).map((doubt) => html`<p class="notice" key=${doubt}>${doubt}</p>`)}</div>
    <div class="parts">
      <p class="field"><label for="lab-then">Fallback</label>
        <select id="lab-then" value=${then} onChange=${(/** @type {any} */ event) => setThen(event.target.value)}>
          ${others.map((one) => html`<option key=${keyOf(one.group)} value=${keyOf(one.group)} selected=${keyOf(one.group) === then}>${channelName(one.group.channel)}</option>`)}
          <option value="" selected=${!then}>not known</option></select>
        ${!others.length && html`<span class="hint">No other channel was used in this country so far.</span>`}</p>
      <p class="field"><label for="lab-price">Price of a fallback</label><input id="lab-price" inputmode="decimal" placeholder="0.05" value=${price} onInput=${(/** @type {any} */ event) => setPrice(event.target.value)} /></p>
    </div>
    <${Figures} usual=${[usual, forecast(curve, usual, second)]} chosen=${[window, forecast(curve, window, second)]} price=${price} />
    <p class="actions"><button type="button" class="primary" data-needs="send" onClick=${use}>Use ${windowWords(window)}</button></p>
    <${AsTable} curve=${curve} window=${window} />
    <p class="hint">The fallback is taken to arrive as its channel does elsewhere. Most channels stop trying when the window ends, so a customer gets one message and not two. For other orders, conditions and quiet hours, and for single messages, ask <code>getthrough what-if</code>. A window can also be <code>"auto"</code>: learned from these counts for each message.</p>
  </div>`;
}

/** The curves, and the window as a line. The pointer moves it; the slider below is for everyone. @param {{curve: Curve, others: Known[], window: number, moved: (window: number) => void}} props */
function Picture({ curve, others, window, moved }) {
  const plot = useRef(/** @type {SVGElement | null} */ (null));
  /** @param {PointerEvent} event */
  function drag(event) {
    if (!(event.buttons & 1) || !plot.current) return;
    const { left, width } = plot.current.getBoundingClientRect();
    plot.current.setPointerCapture(event.pointerId);
    moved(windowAt((event.clientX - left) / width));
  }
  const at = `${100 * placeOf(window)}%`;
  return html`<svg class="lab-plot" ref=${plot} aria-hidden="true" onPointerDown=${drag} onPointerMove=${drag}>
    ${[0, 0.5, 1].map((share) => html`<line class="lab-grid" x1="0" x2="100%" y1=${`${90 - 80 * share}%`} y2=${`${90 - 80 * share}%`} /><text x="4" y=${`${89 - 80 * share}%`}>${100 * share}%</text>`)}
    ${TICKS.map((seconds) => html`<text class="lab-tick" x=${`${100 * placeOf(seconds)}%`} y="98%">${windowWords(seconds)}</text>`)}
    <svg width="100%" height="100%" viewBox="0 0 1000 100" preserveAspectRatio="none">
      ${others.map(({ group, curve: other }) => html`<polyline key=${keyOf(group)} class="lab-other" points=${pointsOf(other)} />`)}
      <polyline class="lab-curve" points=${pointsOf(curve)} />
    </svg>
    <line class="lab-line" x1=${at} x2=${at} y1="4%" y2="90%" />
    <circle class="lab-grip" cx=${at} cy=${`${90 - 80 * arrivedBy(curve, window)}%`} r="7" />
  </svg>`;
}

/** @param {Curve} curve */
function pointsOf(curve) {
  return lineOf(curve)
    .map(([place, share]) => `${(1000 * place).toFixed(1)},${(90 - 80 * share).toFixed(2)}`)
    .join(" ");
}

/** @param {{usual: [number, Forecast], chosen: [number, Forecast], price: string}} props */
function Figures({ usual, chosen, price }) {
  const both = [usual, chosen];
  /** @type {[string, (forecast: Forecast) => string][]} */
  const rows = [
    ["Arrive in time", ({ inTime }) => shareWords(inTime)],
    ["Get the fallback", ({ fallback }) => shareWords(fallback)],
    ["Get it needlessly: the first message would still arrive", ({ tooEarly }) => shareWords(tooEarly)],
    ["Reached by one of the two", ({ reached }) => (reached ? shareWords(reached) : "–")],
    ["95% of those are reached within", ({ slowest }) => (slowest === null ? "–" : windowWords(Math.ceil(slowest)))],
    ["Fallbacks for 1,000 messages", ({ fallback }) => ofThousand(fallback)],
    ["What those cost", ({ fallback }) => costWords(fallback, price)],
  ];
  const shown = rows.filter(([, words]) => both.some(([, found]) => words(found)));
  return html`<table class="channels lab-figures" id="lab-figures">
    <caption>What the window changes</caption>
    <thead><tr><th scope="col">Of these messages</th><th scope="col">Usual: ${windowWords(usual[0])}</th><th scope="col">The line: ${windowWords(chosen[0])}</th></tr></thead>
    <tbody>${shown.map(([name, words]) => html`<tr key=${name}><th scope="row">${name}</th>${both.map(([, found]) => html`<td>${words(found)}</td>`)}</tr>`)}</tbody>
  </table>`;
}

/** @param {{curve: Curve, window: number}} props */
function AsTable({ curve, window }) {
  const times = [...new Set([...TICKS, window])]
    .sort((one, two) => one - two)
    .filter((seconds) => seconds <= curve.horizon);
  return html`<details><summary>The curve as a table</summary>
    <table class="channels"><thead><tr><th scope="col">Within</th><th scope="col">Have arrived</th></tr></thead>
      <tbody>${times.map((seconds) => {
        const share = arrivedBy(curve, seconds);
        return html`<tr key=${seconds}><th scope="row">${windowWords(seconds)}</th><td>${shareWords({ least: share, most: share })}</td></tr>`;
      })}</tbody></table></details>`;
}
