/** One message, live: why it was not delivered, what one can do about it, its steps on one time axis, and all events. */

import { sendAgain } from "../compose/again.js";
import { conversationLink } from "../conversations/links.js";
import { evidenceOf } from "../download/evidence.js";
import { saveFile } from "../download/save.js";
import { announce } from "../elements/dom.js";
import { AskTwice, Facts, Notice, Press } from "../elements/ui.js";
import { useOne } from "../lists/use_list.js";
import { may } from "../shell/scopes.js";
import { clock, elapsed, fullTime, money, trouble } from "../text/words.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { headline, headReason, remarks, stateBadge } from "./dispatch_words.js";
import { eventWords } from "./event_words.js";
import { keyOf } from "./lane_facts.js";
import { openLanes } from "./lanes.js";
import { pace } from "./pace.js";

/** @import { Dispatch, TimelineEntry } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Badge as BadgeWords } from "../text/words.js" */
/** @import { Picture } from "./lanes.js" */

const TICK = 100;
const CALM_TICK = 1_000;

/** @param {{api: Api, uuid: string, back: string}} props */
export function Detail({ api, uuid, back }) {
  const path = { dispatch_uuid: uuid };
  const one = useOne(
    `dispatch ${uuid}`,
    (etag) => api.getIfChanged("/v1/dispatches/{dispatch_uuid}", etag, { path }),
    pace,
  );
  const { value: dispatch } = one;
  const [problem, setProblem] = useState("");
  const before = useRef(/** @type {Dispatch | null} */ (null));
  useEffect(() => {
    if (before.current && dispatch) announce(news(before.current, dispatch));
    before.current = dispatch;
  }, [dispatch]);
  async function stop() {
    setProblem("");
    try {
      await api.delete("/v1/dispatches/{dispatch_uuid}", { path });
      one.now();
    } catch (error) {
      setProblem(trouble(/** @type {ApiError} */ (error), "change"));
    }
  }
  return html`<section id="dispatch" aria-labelledby="headline">
    <p><a class="back" href=${back}>← All messages</a></p>
    <${Notice} id="dispatch-notice" text=${problem || one.problem || (dispatch ? "" : "Loading …")} />
    ${dispatch && html`<${Body} dispatch=${dispatch} now=${one.clock} stop=${stop} />`}
  </section>`;
}

/** @param {{dispatch: Dispatch, now: () => number, stop: () => unknown}} props */
function Body({ dispatch, now, stop }) {
  const title = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => title.current?.focus(), []);
  const badge = stateBadge(dispatch);
  const reason = headReason(dispatch);
  const more = remarks(dispatch);
  return html`<div id="dispatch-body">
    <p class="badges"><span class=${`badge tone-${badge.tone}`} id="badge">${badge.text}</span> ${dispatch.late && html`<span class="badge tone-late" id="late">late</span>`}</p>
    <h1 id="headline" ref=${title} tabindex="-1">${headline(dispatch)}</h1>
    ${reason && html`<p class="lead reason">${reason}</p>`}
    ${more && html`<p id="more-words">${more}</p>`}
    <${Facts} items=${factsOf(dispatch)} />
    <${Actions} dispatch=${dispatch} stop=${stop} />
    <h2 id="lanes-title">Step by step</h2>
    <${Lanes} dispatch=${dispatch} now=${now} />
    <h2>Events</h2>
    <ol class="events" id="events">${linesOf(dispatch).map((line) => html`<${Line} key=${keyOf(line.entry)} ...${line} />`)}</ol>
  </div>`;
}

/** The chart. It draws itself into these elements, and Preact leaves them alone. @param {{dispatch: Dispatch, now: () => number}} props */
function Lanes({ dispatch, now }) {
  const picture = useRef(/** @type {Picture | null} */ (null));
  useLayoutEffect(() => {
    const mine = openLanes(now);
    picture.current = mine;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const ticking = setInterval(() => mine.tick(now()), calm ? CALM_TICK : TICK);
    return () => {
      clearInterval(ticking);
      mine.stop();
    };
  }, []);
  useLayoutEffect(() => picture.current?.show(dispatch), [dispatch]);
  return html`<div class="card lanes-frame" id="lanes-frame"><div class="lanes" id="lanes">
    <svg class="lanes-axis" id="lanes-axis" aria-hidden="true"></svg>
    <svg class="lanes-back" id="lanes-back" aria-hidden="true"></svg>
    <ol class="steps" id="steps" aria-labelledby="lanes-title"></ol>
  </div></div>`;
}

/** @param {{dispatch: Dispatch, stop: () => unknown}} props */
function Actions({ dispatch, stop }) {
  const { dispatch_uuid: uuid, steps, outcome } = dispatch;
  const unsent = steps.filter((step) => !step.claimed_at).length;
  const words =
    unsent === steps.length
      ? "Nothing has been sent yet. If you stop it, nothing is sent."
      : unsent
        ? "Messages already sent may still arrive. No further step is sent."
        : "The last step has been sent. It may still arrive.";
  const reached = steps.findLast((step) => step.claimed_at) ?? steps[0];
  return html`
    ${
      outcome === null &&
      html`<div class="stopping" id="stopping" data-needs="operate">
      <${AskTwice} id="stop-dispatch" label="Stop this message" question="Really stop it?" act=${stop} describedby="stop-words" />
      <span class="hint" id="stop-words">${words}</span>
    </div>`
    }
    <p class="actions">
      ${may("send") && html`<button type="button" onClick=${() => sendAgain(dispatch)}>Send again …</button>`}
      ${reached && html`<a class="button plain" href=${conversationLink({ channel: reached.channel, address: reached.to })}>Conversation</a>`}
      <${Copy} label="Copy ID" text=${uuid} />
      <${Copy} label="Copy link" text=${`${location.origin}/#/dispatches/${uuid}`} />
      <${Copy} label="Copy curl" text=${`curl -sS ${location.origin}/v1/dispatches/${uuid} -u "$CLIENT:$SECRET"`} />
      ${unsent < steps.length && html`<button type="button" onClick=${() => saveFile(`dispatch-${uuid}.json`, "application/json", evidenceOf(dispatch, location.origin, new Date()))}>Evidence for Vonage</button>`}
    </p>`;
}

/** @param {{label: string, text: string}} props */
function Copy({ label, text }) {
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      announce("Copied.");
    } catch {
      announce("The browser does not allow copying.");
    }
  }
  return html`<${Press} act=${copy}>${label}<//>`;
}

/** The events since `before`, in words. @param {Dispatch} before @param {Dispatch} after */
function news(before, after) {
  const known = new Set(before.timeline.map(keyOf));
  return after.timeline
    .filter((entry) => !known.has(keyOf(entry)))
    .map((entry) => eventWords(entry, after).text)
    .join(" ");
}

/** @param {Dispatch} dispatch @returns {[string, unknown][]} */
function factsOf(dispatch) {
  const {
    created_at: at,
    client_ref: reference,
    client_name: client,
    usage,
    dispatch_uuid: uuid,
    send_at: sendAt,
    held_until: held,
    batch_uuid: batch,
    timeline,
  } = dispatch;
  const first = timeline.find(({ event }) => event === "sent");
  const over = timeline.find(({ event }) => event === "finished");
  return [
    ["Accepted", fullTime(at)],
    ["Planned for", sendAt && fullTime(sendAt)],
    ["Quiet hours until", held && fullTime(held)],
    ["Finished in", first && over && elapsed(first.at, over.at).replace("+", "")],
    [
      "Cost",
      usage
        .filter(({ price }) => Number(price) > 0)
        .map(money)
        .join(" + "),
    ],
    ["Reference", reference],
    ["Sent by", client],
    ["Batch", batch && html`<a href=${`#/batches/${batch}`}>${batch}</a>`],
    ["Dispatch ID", uuid],
  ];
}

/** @typedef {{entry: TimelineEntry, words: BadgeWords, since: string}} EventLine */

/** @param {Dispatch} dispatch @returns {EventLine[]} */
function linesOf(dispatch) {
  const seen = new Map();
  return dispatch.timeline.map((entry) => {
    const cost = entry.event === "status" && entry.usage ? money(entry.usage) : "";
    const repeated = cost !== "" && seen.get(entry.step) === cost; // the same charge comes with more than one report
    if (cost) seen.set(entry.step, cost);
    const shown = repeated && entry.event === "status" ? { ...entry, usage: null } : entry;
    return { entry, words: eventWords(shown, dispatch), since: elapsed(dispatch.created_at, entry.at) };
  });
}

/** @param {EventLine} props */
function Line({ entry, words, since }) {
  const status = entry.event === "status" ? entry : null;
  return html`<li class=${`tone-${words.tone}`}>
    <time datetime=${entry.at} title=${fullTime(entry.at)}><span class="clock">${clock(entry.at)}</span>${since}</time>
    <div>
      <p>${entry.step !== null && html`<span class="number"><span class="unseen">Step </span>${entry.step + 1}</span>`} ${words.text} ${status?.late && html`<span class="badge tone-late">late</span>`}</p>
      ${status && html`<details><summary>Webhook<span class="unseen"> “${status.status}”</span></summary><pre tabindex="0">${JSON.stringify(status.raw, null, 2)}</pre></details>`}
    </div>
  </li>`;
}
