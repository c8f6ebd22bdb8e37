/** The form for a batch: a text, its channel and a second one, a pasted list, and a review before anything is sent. */

import { deliver } from "../api/send_once.js";
import { channelName, NUMBER_CHANNELS } from "../channels/channels.js";
import { readDay } from "../days/read_day.js";
import { announce } from "../elements/dom.js";
import { senderOf } from "../settings/saved.js";
import { shared } from "../settings/shared.js";
import { keepDraft, draft as keptDraft } from "../shell/drafts.js";
import { trouble } from "../text/words.js";
import { TIME_ZONE, today } from "../time/days.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import {
  batchOf,
  EMPTY,
  faultsOf,
  missingParts,
  planWords,
  priceWords,
  segmentsInAll,
  withoutDuplicates,
} from "./batch_request.js";
import { count } from "./batch_words.js";
import { textFor } from "./recipient_list.js";

/** @import { Day } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */
/** @import { BatchDraft, Faults } from "./batch_request.js" */
/** @import { ComponentChildren } from "../vendor/preact.js" */

const KEPT = "batch";
const MOST_LISTED = 5;

/** Why a batch was not sent: in a sentence, what is wrong with it, and of that what is wrong at which field. @typedef {{why: string, problems: string[], faults?: Faults}} Refusal */

/** @param {string} saved */
const fromHint = (saved) =>
  saved ? `Left empty, it is ${saved}.` : "Your number or name on that channel, such as BAKERY.";

/** @param {{api: Api}} props */
export function NewBatch({ api }) {
  const [draft, setDraft] = useState(
    /** @type {BatchDraft} */ ({ ...EMPTY, .../** @type {object | null} */ (keptDraft(KEPT)) }),
  );
  const { senders } = shared.value;
  const [refusal, setRefusal] = useState(/** @type {Refusal | null} */ (null));
  const [reviewed, setReviewed] = useState(false);
  const [sending, setSending] = useState(false);
  const alert = useRef(/** @type {HTMLElement | null} */ (null));
  const day = useRef(/** @type {Day | null} */ (null));
  const { body, problems } = batchOf(
    {
      ...draft,
      from: draft.from || senderOf(senders, draft.channel),
      from2: draft.from2 || senderOf(senders, draft.channel2),
    },
    TIME_ZONE,
    shared.value,
  );
  const [first] = body.recipients;
  const sample = first && body.message.text ? textFor(body.message.text, first) : "";
  const wrong = wrongLine(problems);
  const shorter = withoutDuplicates(draft.list, shared.value);
  useEffect(() => {
    readDay(
      api,
      today(),
    )(null).then(
      ({ body: found }) => {
        day.current = found;
      },
      () => {},
    );
  }, []);
  useLayoutEffect(() => {
    if (refusal) showFirst(refusal, alert.current);
  }, [refusal]);

  /** @param {Partial<BatchDraft>} changed */
  function change(changed) {
    const next = { ...draft, ...changed };
    setDraft(next);
    setRefusal(null); // it was about the previous input
    setReviewed(false);
    keepDraft(KEPT, next);
  }
  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if (sending) return;
    const lacking = missingParts(body.message);
    if (problems.length || !body.recipients.length) {
      setRefusal({
        why: problems.length ? "Not sent. Check the list." : "Not sent. The list has no recipients.",
        problems,
      });
    } else if (lacking.length) {
      setRefusal({ why: "Not sent. Something is missing.", problems: lacking });
    } else if (reviewed) await send();
    else {
      setRefusal(null);
      setReviewed(true);
    }
  }
  async function send() {
    setSending(true);
    setRefusal(null);
    try {
      const { body: batch } = await deliver(api, "/v1/batches", body);
      keepDraft(KEPT, null);
      announce(`Accepted: ${count(body.recipients.length, "recipient")}.`);
      if (location.hash === "#/batches/new") location.hash = `#/batches/${batch.batch_uuid}`;
    } catch (error) {
      setRefusal(refusalOf(/** @type {ApiError} */ (error), draft.list, body.recipients));
      setReviewed(false);
    }
    setSending(false);
  }
  const field = { draft, change, faults: refusal?.faults?.at ?? {} };
  return html`<section id="batches">
    <h1 id="batches-title" tabindex="-1">Send to many</h1>
    <p class="one-or-many"><a href="#/" data-needs="send">One customer</a> <b aria-current="true">Many customers</b> <a href="#/batches">All batches</a></p>
    <form class="batch-form" method="post" action="/" autocomplete="off" novalidate onSubmit=${submit}>
      <div class="card">
        <${Field} ...${field} name="text" label="Message" kind="textarea" rows="3" placeholder="Hello {{ name }}, your order is ready." hint="Anything in {{ }} is filled in for each recipient." />
        <div class="batch-columns">
          <${Field} ...${field} name="channel" label="Channel" kind="select" options=${channels()} />
          <${Field} ...${field} name="from" label="From" placeholder=${senderOf(senders, draft.channel)} hint=${fromHint(senderOf(senders, draft.channel))} />
        </div>
        <label class="check"><input type="checkbox" checked=${draft.again} onChange=${() => change({ again: !draft.again })} /> Try another channel if it isn’t delivered</label>
        ${
          draft.again &&
          html`<div class="batch-columns">
          <${Field} ...${field} name="channel2" label="Second channel" kind="select" options=${channels()} />
          <${Field} ...${field} name="from2" label="Sender" placeholder=${senderOf(senders, draft.channel2)} hint=${fromHint(senderOf(senders, draft.channel2))} />
          <${Field} ...${field} name="minutes" label="After (minutes)" type="number" />
        </div>`
        }
      </div>
      <div class="card">
        <${Field} ...${field} name="list" label="Recipients" kind="textarea" rows="8" placeholder=${"447700900001, Ann\n447700900002, Ben"} hint="One per line, as copied from a spreadsheet: the number with its country code (or of the usual country in Settings), then the values to fill in." />
        ${shorter !== null && html`<p><button type="button" id="batch-unique" onClick=${() => change({ list: shorter })}>Remove duplicates</button></p>`}
        <div class="batch-columns">
          <${Field} ...${field} name="columns" label="Columns" hint="The columns’ names, in order. If the list starts with a line of names, that line is used instead." />
          <${Field} ...${field} name="rate" label="Messages per second" type="number" hint="At most. Your Vonage account sets how fast your number may send." />
          <${Field} ...${field} name="sendAt" label="Start" type="datetime-local" hint="Empty: at once. Otherwise a time on this computer’s clock." />
        </div>
      </div>
      <div class="card batch-preview">
        <h2>What will happen</h2>
        <p id="batch-plan">${planWords(body)}</p>
        ${sample !== "" && html`<blockquote id="batch-sample" dir="auto">${sample ?? "No preview: this text uses more than plain {{ names }}. It is filled in for each recipient when it is sent."}</blockquote>`}
        ${reviewed && html`<${Review} api=${api} body=${body} figures=${day.current} />`}
        ${refusal && html`<p class="notice bad" id="batch-problem" ref=${alert} role="alert" tabindex="-1" aria-describedby="batch-problems">${refusal.why}</p>`}
        <p class="error" id="batch-problems">${listed(refusal?.problems ?? problems)}</p>
        ${wrong !== null && html`<p><button type="button" onClick=${() => selectLine(wrong)}>Go to line ${wrong}</button></p>`}
        <p class="batch-acts"><button class="primary" id="batch-send" aria-disabled=${sending || undefined}>${reviewed ? `Send to all ${body.recipients.length}` : "Review"}</button>
          ${reviewed && html`<button type="button" onClick=${() => setReviewed(false)}>Back to editing</button>`}</p>
      </div>
    </form>
  </section>`;
}

/** The last look: what each recipient reads, how much it is, and a test to oneself. @param {{api: Api, body: ReturnType<typeof batchOf>["body"], figures: Day | null}} props */
function Review({ api, body, figures }) {
  const { message, recipients, send_at: at } = body;
  const [day] = useState(figures); // what is known later would move the buttons under the pointer
  const title = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => title.current?.focus(), []);
  const segments = segmentsInAll(body);
  const more = recipients.length - MOST_LISTED;
  return html`<div class="review">
    <h3 ref=${title} tabindex="-1">Review</h3>
    <table class="review-table"><caption class="unseen">The first recipients</caption>
      <thead><tr><th scope="col">To</th><th scope="col">Text</th></tr></thead>
      <tbody>${recipients.slice(0, MOST_LISTED).map((one) => html`<tr><td>${one.to}</td><td dir="auto">${(message.text && textFor(message.text, one)) ?? message.text ?? ""}</td></tr>`)}</tbody>
    </table>
    ${more > 0 && html`<p class="hint">And ${more.toLocaleString("en-GB")} more.</p>`}
    <p id="batch-size">${[at ? `Starts ${at.replace("T", ", ")} on this computer’s clock.` : "Starts at once.", segments === null ? "" : `${count(segments, "SMS segment")} in all.`, priceWords(day, segments ?? recipients.length)].filter(Boolean).join(" ")}</p>
    <${TestToMe} api=${api} body=${body} />
  </div>`;
}

/** @param {{api: Api, body: ReturnType<typeof batchOf>["body"]}} props */
function TestToMe({ api, body: { message, recipients } }) {
  const [to, setTo] = useState(String(keptDraft("my number") ?? ""));
  const [said, setSaid] = useState("");
  async function send() {
    const [first] = recipients;
    const text = first && message.text ? (textFor(message.text, first) ?? message.text) : message.text;
    const { channel, message_type: type, from } = message;
    const { default_country: country } = shared.value;
    keepDraft("my number", to || null);
    try {
      await deliver(api, "/v1/messages", {
        ...{ channel, message_type: type, from, to: to.trim(), text },
        ...(country && { default_country: country }),
      });
      setSaid("The test is on its way.");
    } catch (error) {
      const failure = /** @type {ApiError} */ (error);
      const reasons = (failure.problem.invalid_parameters ?? []).map(({ name, reason }) => `“${name}” ${reason}`);
      setSaid(reasons.join(" ") || trouble(failure, "send"));
    }
  }
  return html`<div class="test-to-me" data-needs="send">
    <p class="field"><label for="batch-me">Your own number</label><input id="batch-me" inputmode="tel" value=${to} onInput=${(/** @type {any} */ event) => setTo(event.target.value)} /></p>
    <button type="button" onClick=${send}>Send me a test</button> <span role="status">${said}</span>
  </div>`;
}

/** @param {{draft: BatchDraft, change: (changed: Partial<BatchDraft>) => void, faults: Faults["at"], name: keyof BatchDraft, label: string, hint?: string, kind?: string, type?: string, options?: ComponentChildren}} props */
function Field({ draft, change, faults, name, label, hint, kind = "input", type = "text", options, ...rest }) {
  const id = `batch-${name}`;
  const wrong = listed(faults[name] ?? []);
  const about = [hint && `${id}-hint`, wrong && `${id}-error`].filter(Boolean).join(" ");
  const given = {
    ...rest,
    id,
    value: draft[name],
    "aria-describedby": about || undefined,
    "aria-invalid": wrong ? "true" : undefined,
    onInput: (/** @type {any} */ { target }) => change({ [name]: target.value }),
  };
  return html`<div class="field"><label for=${id}>${label}</label>
    ${kind === "textarea" ? html`<textarea spellcheck=${name === "text"} ...${given}></textarea>` : kind === "select" ? html`<select ...${given}>${options}</select>` : html`<input type=${type} min=${type === "number" ? 1 : undefined} spellcheck=${false} autocapitalize="none" ...${given} />`}
    ${hint && html`<span class="hint" id=${`${id}-hint`}>${hint}</span>`}
    <span class="error" id=${`${id}-error`}>${wrong}</span>
  </div>`;
}

function channels() {
  return NUMBER_CHANNELS.map((channel) => html`<option value=${channel}>${channelName(channel)}</option>`);
}

/** The first line of the list that a problem is about. @param {string[]} problems */
function wrongLine(problems) {
  const [line] = problems.flatMap((problem) => /^Line (\d+)/.exec(problem)?.[1] ?? []);
  return line === undefined ? null : Number(line);
}

/** Selects a line of the list, where it can be corrected. @param {number} number   from 1 */
function selectLine(number) {
  const list = /** @type {HTMLTextAreaElement} */ (document.getElementById("batch-list"));
  const lines = list.value.split("\n");
  const before = lines.slice(0, number - 1).reduce((length, line) => length + line.length + 1, 0);
  list.focus();
  list.setSelectionRange(before, before + (lines[number - 1]?.length ?? 0));
  list.scrollTop = (list.scrollHeight * (number - 1)) / lines.length - list.clientHeight / 2;
}

/** @param {string[]} problems */
function listed(problems) {
  const more = problems.length - MOST_LISTED;
  return [...problems.slice(0, MOST_LISTED), more > 0 ? `And ${more} more.` : ""].filter(Boolean).join("\n");
}

/** @param {ApiError} error @param {string} list @param {{to: string}[]} recipients @returns {Refusal} */
function refusalOf(error, list, recipients) {
  const violations = error.problem.invalid_parameters ?? [];
  const faults = faultsOf(violations, list, recipients);
  return {
    why: violations.length ? "Not sent. No recipient was messaged." : trouble(error, "send"),
    problems: faults.others,
    faults,
  };
}

/** Moves the focus to the first field that is wrong, or to the sentence that says why. @param {Refusal} refusal @param {HTMLElement | null} sentence */
function showFirst({ faults }, sentence) {
  const field = /** @type {HTMLElement | null} */ (document.querySelector(".batch-form [aria-invalid]"));
  if (field?.id === "batch-list" && faults?.line) selectLine(faults.line);
  else (field ?? sentence)?.focus();
}
