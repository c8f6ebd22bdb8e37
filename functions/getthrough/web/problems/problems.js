/** The view "Problems": what waits for someone to look at it. */

import { openFeed } from "../dispatches/feed.js";
import { keyOf, pace, Row } from "../dispatches/rows.js";
import { announce } from "../elements/dom.js";
import { AskTwice, Moment, Notice, Press } from "../elements/ui.js";
import { useList } from "../lists/use_list.js";
import { linkTo } from "../shell/routes.js";
import { may } from "../shell/scopes.js";
import { trouble } from "../text/words.js";
import { today } from "../time/days.js";
import { html, useEffect, useState } from "../vendor/preact.js";
import { failureWords, firstDay } from "./failures.js";
import { HealthAndLimits } from "./limits.js";
import {
  deadLetters,
  failures,
  lookForFailures,
  lookForProblems,
  markFailuresSeen,
  quarantine,
} from "./problem_count.js";
import { kindWords, queueWords } from "./problem_words.js";

/** @import { DeadLetterQueue, DispatchSummary, Quarantined, QuarantinedBody } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */

/** @param {{api: Api}} props */
export function Problems({ api }) {
  const [problem, setProblem] = useState("");
  useEffect(() => {
    lookForProblems();
    lookForFailures();
  }, []);
  /** @param {() => Promise<unknown>} change @param {string} done */
  async function act(change, done) {
    setProblem("");
    try {
      await change();
      announce(done);
      lookForProblems();
    } catch (error) {
      setProblem(trouble(/** @type {ApiError} */ (error), "change"));
    }
  }
  return html`<section id="problems">
    <h1 id="problems-title" tabindex="-1">Problems</h1>
    <${Notice} bad text=${problem} />
    <${Failed} api=${api} />
    <${HealthAndLimits} api=${api} />
    ${
      may("admin")
        ? html`<${Quarantine} api=${api} act=${act} /><${DeadLetterQueues} api=${api} act=${act} /><p><a href="#/activity">Activity: who changed what</a></p>`
        : html`<p class="hint">Webhooks in quarantine and dead letters are shown to clients with the scope “admin”.</p>`
    }
  </section>`;
}

/** The newest messages that were not delivered. @param {{api: Api}} props */
function Failed({ api }) {
  const list = useList("failed", () => openFeed(api, [{ query: { outcome: "exhausted" } }]), pace);
  const shown = list.rows.slice(0, 5);
  return html`<h2>Not delivered</h2>
    <${Notice} text=${list.problem} />
    <${FailuresOfLate} />
    ${list.answered && !shown.length && html`<p class="empty">Every message was delivered so far.</p>`}
    <div class="found"><ul class="rows" id="failed">${shown.map((/** @type {DispatchSummary} */ summary) => html`<li key=${keyOf(summary)}><${Row} summary=${summary} /></li>`)}</ul></div>
    ${shown.length > 0 && html`<p><a href="#/dispatches?outcome=exhausted">All messages that were not delivered</a></p>`}`;
}

/** How many there are of today and yesterday. Who sees the number has seen them. */
function FailuresOfLate() {
  const found = failures.value ?? {};
  useEffect(markFailuresSeen, [failures.value]);
  const first = firstDay(found);
  if (!first) return null;
  const all = linkTo("#/dispatches", { outcome: "exhausted", from: first });
  return html`<p id="failures"><a href=${all}>${failureWords(found, today())}</a></p>`;
}

/** @typedef {(change: () => Promise<unknown>, done: string) => Promise<void>} Act */

/** @param {{api: Api, act: Act}} props */
function Quarantine({ api, act }) {
  const page = quarantine.value;
  return html`<h2>Webhooks in quarantine</h2>
    <p class="hint">Webhooks that Getthrough could not verify or read. None has had an effect.</p>
    ${page && !page.webhooks.length && html`<p class="empty">No webhook is in quarantine.</p>`}
    <ul class="cards" id="quarantine">${page?.webhooks.map((webhook) => html`<${Webhook} key=${webhook.id} api=${api} webhook=${webhook} act=${act} />`)}</ul>`;
}

/** @param {{api: Api, webhook: Quarantined, act: Act}} props */
function Webhook({ api, webhook, act }) {
  const { id, reason, received_at: at, route, size, whole } = webhook;
  const path = { id };
  const [body, setBody] = useState(/** @type {QuarantinedBody | null} */ (null));
  const [forged, setForged] = useState(false);
  async function release() {
    const url = `/v1/quarantine/${encodeURIComponent(id)}/release${forged ? "?force=true" : ""}`;
    try {
      await api.post(/** @type {any} */ (url), {});
    } catch (error) {
      setForged(whole && /** @type {ApiError} */ (error).status === 409);
      throw error;
    }
  }
  return html`<li class="card">
    <p><b>${reason}</b></p>
    <p class="hint"><${Moment} at=${at} /> · ${route} · ${size.toLocaleString("en-GB")} bytes${whole ? "" : ", cut off"}</p>
    ${body && html`<pre tabindex="0">${body.body}</pre>`}
    <p class="actions">
      ${!body && html`<${Press} act=${() => act(async () => setBody((await api.get("/v1/quarantine/{id}", { path })).body), "The body is shown.")}>Show body<//>`}
      <${AskTwice} label=${forged ? "Release anyway" : "Release"} question=${forged ? "Process it as if Vonage had signed it?" : "Check it again, and process it?"} act=${() => act(release, "Released.")} />
      <${AskTwice} class="danger" label="Delete" question="Delete for good?" act=${() => act(() => api.delete("/v1/quarantine/{id}", { path }), "Deleted.")} />
    </p>
  </li>`;
}

/** @param {{api: Api, act: Act}} props */
function DeadLetterQueues({ api, act }) {
  return html`<h2>Dead letters</h2>
    <p class="hint">Timers and webhooks to your own systems that Getthrough gave up. Releasing tries them again.</p>
    <ul class="cards" id="dead-letters">${deadLetters.value?.queues.map((queue) => html`<${Queue} key=${queue.queue} queue=${queue} release=${() => act(() => api.post("/v1/dead-letters/release", { queue: queue.queue }), "Released.")} />`)}</ul>`;
}

/** @param {{queue: DeadLetterQueue, release: () => Promise<void>}} props */
function Queue({ queue: { queue, messages, waiting, shown }, release }) {
  return html`<li class="card">
    <p><b>${queueWords(queue)}</b>: ${messages === 0 ? "none" : messages.toLocaleString("en-GB")}</p>
    ${waiting ? html`<p>${waiting.toLocaleString("en-GB")} failed and ${waiting === 1 ? "is" : "are"} tried again, for a day. Is the receiver down?</p>` : ""}
    ${shown.length > 0 && html`<ul>${shown.map((letter) => html`<li key=${letter.id}><${Moment} at=${letter.since} /> ${kindWords(letter.kind)}, tried ${letter.received} times${letter.dispatch_uuid && html` <a href=${`#/dispatches/${letter.dispatch_uuid}`}>Message</a>`}</li>`)}</ul>`}
    ${messages > 0 && html`<p><${AskTwice} label="Release" question="Try all of them again?" act=${release} /></p>`}
  </li>`;
}
