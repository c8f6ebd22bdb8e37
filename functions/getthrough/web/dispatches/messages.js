/** The view "Messages": the day's figures, the search with its chips, the list, and the open message beside it. */

import { CHANNEL_LIST, channelName } from "../channels/channels.js";
import { DayStrip } from "../days/day.js";
import { Detail } from "../dispatch/detail.js";
import { Downloads } from "../download/downloads.js";
import { announce } from "../elements/dom.js";
import { Notice } from "../elements/ui.js";
import { LiveRows, useList } from "../lists/use_list.js";
import { shared } from "../settings/shared.js";
import { draft, keepDraft } from "../shell/drafts.js";
import { nameOf, placeOf } from "../shell/places.js";
import { linkTo } from "../shell/routes.js";
import { may } from "../shell/scopes.js";
import { trouble } from "../text/words.js";
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { openFeed } from "./feed.js";
import { dayOf, filterOf, ONLY, OUTCOMES, outcomeName, sourcesOf, wordsOf } from "./filter.js";
import { read } from "./query.js";
import { hrefOf, keyOf, pace, Row } from "./rows.js";

/** @import { DispatchSummary } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Listed } from "../lists/use_list.js" */
/** @import { Filter } from "./filter.js" */
/** @import { Query } from "./query.js" */

const UNKNOWN_ID =
  "No message has this ID. Check that it is complete, or search by the customer’s number. Old messages are deleted after a while.";
const UNKNOWN_NAME =
  "This link was made in another browser. Search again: a link never contains what you searched for.";

/** @param {{api: Api, id: string | null, query: URLSearchParams}} props */
export function Messages({ api, id, query: search }) {
  const filter = filterOf(search);
  const text = filter.q ? String(placeOf(filter.q) ?? "") : "";
  const given = search.toString();
  /** @param {Partial<Filter>} changed */
  function change(changed) {
    location.hash = linkTo("#/dispatches", { ...filter, ...changed });
  }
  /** @type {Query} */
  const query = filter.as ? { kind: "reference", reference: text } : read(text, filter.channel, shared.value);
  const problem = query.kind === "invalid" ? query.problem : filter.q && !text ? UNKNOWN_NAME : "";
  const [error, setError] = useState("");
  const day = dayOf(filter); // a button leads to what is counted above it, also when midnight has passed since
  return html`<section id="dispatches" class=${`${id ? "split" : ""} ${query.kind === "all" ? "" : "searching"}`} aria-label="Messages">
    <div class="overview">
      ${id ? html`<h2 class="unseen">Messages</h2>` : html`<h1 id="dispatches-title" tabindex="-1">Messages</h1>`}
      ${
        !id &&
        html`<${DayStrip} api=${api} day=${day}
        moved=${(/** @type {string} */ to) => change({ from: to, to })}
        picked=${(/** @type {Partial<Filter>} */ part) => change({ ...filterOf(new URLSearchParams()), from: day, to: day, ...part })} />`
      }
      <${Search} api=${api} filter=${filter} text=${text} shown=${error || problem} setError=${setError} change=${change} />
      ${!error && !problem && query.kind !== "id" && html`<${Found} key=${given} api=${api} filter=${filter} query=${query} id=${id} search=${given && `?${given}`} change=${change} />`}
    </div>
    ${id && html`<${Detail} key=${id} api=${api} uuid=${id} back=${linkTo("#/dispatches", { ...filter })} />`}
  </section>`;
}

/** @param {{api: Api, filter: Filter, text: string, shown: string, setError: (error: string) => void, change: (changed: Partial<Filter>) => void}} props */
function Search({ api, filter, text, shown, setError, change }) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [looking, setLooking] = useState(false);
  useEffect(() => {
    if (field.current) field.current.value = /** @type {string | null} */ (draft("find-typed")) ?? text;
  }, [text]);
  useEffect(() => {
    if (shown) field.current?.focus();
  }, [shown]);
  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    const typed = field.current?.value.trim() ?? "";
    const asked = read(typed, filter.channel, shared.value);
    setError(asked.kind === "invalid" ? asked.problem : "");
    keepDraft("find-typed", null);
    if (asked.kind === "invalid") {
      field.current?.focus();
      return;
    }
    if (asked.kind !== "id") {
      change({ q: typed ? nameOf(typed) : "", as: "" });
      return;
    }
    setLooking(true);
    try {
      const found = await dispatchOf(api, asked.id);
      if (found) location.hash = `#/dispatches/${found}`;
      else setError(UNKNOWN_ID);
      if (found && field.current) field.current.value = "";
    } catch (failure) {
      setError(trouble(/** @type {ApiError} */ (failure), "change"));
    }
    setLooking(false);
  }
  function typing() {
    const value = field.current?.value ?? "";
    keepDraft("find-typed", value || null);
    if (!value && filter.q) change({ q: "", as: "" });
    setError("");
  }
  return html`<form class="find" id="find" role="search" aria-label="Messages" method="post" action="/" autocomplete="off" novalidate onSubmit=${submit}>
    <p class="field find-text"><label class="unseen" for="find-text">Find</label>
      <input id="find-text" ref=${field} type="search" enterkeyhint="search" autocapitalize="none" spellcheck=${false} placeholder="A phone number, an address, an ID or a reference"
        aria-invalid=${shown ? "true" : undefined} aria-describedby="find-error find-hint" onInput=${typing} />
      <span class="error" id="find-error">${shown}</span><span class="unseen" id="find-hint">A phone number, an address, an ID or a reference.</span></p>
    <button class="primary" id="find-button">Find</button>
    <div class="chips">
      <${Choice} id="find-outcome" label="Outcome" any="Any outcome" value=${filter.outcome} options=${OUTCOMES.map((one) => [one, outcomeName(one)])} picked=${(/** @type {string} */ outcome) => change({ outcome })} />
      <${Choice} id="find-channel" label="Channel" any="Any channel" value=${filter.channel} options=${CHANNEL_LIST.map((one) => [one, channelName(one)])} picked=${(/** @type {string} */ channel) => change({ channel })} />
      <${Choice} id="find-only" label="Only" any="Late or not" value=${filter.only} options=${Object.entries(ONLY)} picked=${(/** @type {string} */ only) => change({ only })} />
      <${DayField} id="find-from" label="From day" value=${filter.from} picked=${(/** @type {string} */ from) => change({ from })} />
      <${DayField} id="find-to" label="To day" value=${filter.to} picked=${(/** @type {string} */ to) => change({ to })} />
      ${filter.client && html`<button type="button" class="pill" onClick=${() => change({ client: "" })}>Client ${filter.client} <span aria-hidden="true">✕</span><span class="unseen">: remove</span></button>`}
      ${Object.values(filter).some(Boolean) && html`<a class="pill" href="#/dispatches">Clear all</a>`}
    </div>
    ${looking && html`<p class="hint" role="status">Looking for this ID …</p>`}
  </form>`;
}

/** @param {{id: string, label: string, any: string, value: string, options: [string, string][], picked: (value: string) => void}} props */
function Choice({ id, label, any, value, options, picked }) {
  return html`<span class=${value ? "pill on" : "pill"}><label class="unseen" for=${id}>${label}</label><select id=${id} value=${value} onChange=${(/** @type {any} */ event) => picked(event.target.value)}>
    <option value="">${any}</option>${options.map(([one, name]) => html`<option value=${one} selected=${one === value}>${name}</option>`)}
  </select></span>`;
}

/** @param {{id: string, label: string, value: string, picked: (value: string) => void}} props */
function DayField({ id, label, value, picked }) {
  return html`<span class=${value ? "pill on" : "pill"}><label for=${id}>${label}</label><input type="date" id=${id} value=${value} onChange=${(/** @type {any} */ event) => picked(event.target.value)} /></span>`;
}

/** @param {{api: Api, filter: Filter, query: Query, id: string | null, search: string, change: (changed: Partial<Filter>) => void}} props */
function Found({ api, filter, query, id, search, change }) {
  const list = useList(
    `messages ${JSON.stringify([query, filter])}`,
    () => openFeed(api, sourcesOf(query, filter)),
    pace,
  );
  const words = wordsOf(query, filter);
  const none = list.answered && !list.rows.length;
  useEffect(() => {
    if (list.answered) announce(words);
  }, [words, list.answered]);
  return html`<div class="found">
    <p class="found-head"><span class="found-words" id="found-words">${list.answered ? words : `${words} …`}</span>
      ${list.rows.length > 0 && !id && html`<${Downloads} rows=${list.rows} more=${list.more} />`}</p>
    <${Notice} text=${list.problem} />
    ${none && html`<p class="empty" id="found-empty"><${Nothing} list=${list} query=${query} filter=${filter} change=${change} /></p>`}
    <${LiveRows} list=${list} id="found" keyOf=${keyOf} hrefOf=${(/** @type {DispatchSummary} */ one) => hrefOf(one) + search}
      moreLabel=${query.kind === "reference" ? "Search older messages" : "Load more"}
      row=${(/** @type {DispatchSummary} */ summary) => html`<${Row} summary=${summary} here=${summary.dispatch_uuid === id} search=${search} />`} />
  </div>`;
}

/** Why the list is empty. @param {{list: Listed<DispatchSummary>, query: Query, filter: Filter, change: (changed: Partial<Filter>) => void}} props */
function Nothing({ list, query, filter, change }) {
  const { channel, outcome, from, to, only, client } = filter;
  const narrow = [channel, outcome, from, to, only, client].some(Boolean);
  const narrowed = narrow ? " Try any channel, outcome and day." : "";
  if (query.kind === "contacts") {
    const check = query.address.includes("@") ? "Check the address." : "Check the number and its country code.";
    const maybe = !channel && /^\d+$/.test(query.address);
    return html`${narrowed ? `No matching message to ${query.address}.${narrowed}` : `Nothing was sent or planned for ${query.address}. ${check}`}
      ${maybe && html` <button type="button" onClick=${() => change({ as: "reference" })}>Search by reference instead</button>`}`;
  }
  if (query.kind === "reference") {
    const looked = list.more ? `None of the newest ${list.looked} messages` : "No message";
    return html`${looked} has the reference “${query.reference}” (client_ref).${narrowed}`;
  }
  if (narrow) return html`No matching message. Choose another outcome, or any day.`;
  if (!may("send")) return html`No messages yet. What other clients send appears in this list.`;
  return html`No messages yet. <a href="#/">Send a message</a> here, or through the API with <code>POST /v1/messages</code>. It appears in this list, with everything that happens to it.`;
}

/**
 * The dispatch with this ID (it ends in 00), or with a message of this ID, ours or Vonage's. Null if there is none.
 * @param {Api} api @param {string} id
 */
export async function dispatchOf(api, id) {
  const dispatch = () => api.get("/v1/dispatches/{dispatch_uuid}", { path: { dispatch_uuid: id } });
  const message = () => api.get("/v1/messages/{message_uuid}", { path: { message_uuid: id } });
  for (const request of id.endsWith("00") ? [dispatch, message] : [message]) {
    try {
      return (await request()).body.dispatch_uuid;
    } catch (error) {
      if (/** @type {ApiError} */ (error).status !== 404) throw error;
    }
  }
  return null;
}
