/** One conversation, live: the messages in both directions, the reply, and the opt-out. */

import { deliver } from "../api/send_once.js";
import { channelName } from "../channels/channels.js";
import { announce } from "../elements/dom.js";
import { AskTwice, Notice } from "../elements/ui.js";
import { openPaged, pagesOf } from "../lists/paged.js";
import { useList } from "../lists/use_list.js";
import { draft, keepDraft } from "../shell/drafts.js";
import { may } from "../shell/scopes.js";
import { segmentsOf } from "../text/sms_segments.js";
import { trouble } from "../text/words.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { Bubbles, nameOf } from "./bubbles.js";
import { consentWords } from "./consent_words.js";
import { readInbound } from "./inbound.js";
import { customerLink } from "./links.js";
import { keyOf } from "./seen.js";
import { serviceWindowWords } from "./service_window.js";
import { markSeen, newestLines } from "./unread.js";

/** @import { Contact, Conversation as Talk } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Message } from "./bubbles.js" */

const PAGE_SIZE = 30;
/** Pixels from the end within which the reader is at it. */
const NEAR = 80;

/** @param {Api} api @param {Contact} contact */
function talkOf(api, { channel, address }) {
  const pages = pagesOf(api, "/v1/conversations/{channel}/{address}", "messages", { path: { channel, address } });
  return openPaged(pages, { keyOf: nameOf, atOf: (message) => message.at, pageSize: PAGE_SIZE });
}

/** @param {{api: Api, contact: Contact, moved: string | null, answered: () => void}} props */
export function Conversation({ api, contact, moved, answered }) {
  const key = keyOf(contact);
  const path = { channel: contact.channel, address: contact.address };
  const list = useList(
    `talk ${key}`,
    () => talkOf(api, contact),
    (_, unchanged) => (unchanged < 30 ? 2_000 : unchanged < 60 ? 5_000 : 15_000),
  );
  const [problem, setProblem] = useState("");
  const title = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => title.current?.focus(), [moved]);
  const newest = newestLines.value.find((line) => keyOf(line) === key)?.received_at;
  useEffect(() => {
    if (newest && !document.hidden) markSeen(contact, newest);
  }, [newest]);
  const about = /** @type {Talk | null} */ (list.body);
  const out = about?.opt_out?.opted_out ?? false;
  const from = ours(list.rows);
  const name = list.rows
    .map((message) => (message.direction === "inbound" ? readInbound(message.message).name : ""))
    .find(Boolean);

  function replied() {
    list.now();
    answered();
  }
  /** @param {boolean} wanted @param {string} why */
  async function setOptOut(wanted, why) {
    try {
      if (wanted) await api.put("/v1/opt-outs/{channel}/{address}", { path }, why ? { why } : {});
      else await api.delete("/v1/opt-outs/{channel}/{address}", { path });
      setProblem("");
      announce(wanted ? "Opted out." : "Opted in again.");
      list.now();
    } catch (error) {
      setProblem(problemOf(/** @type {ApiError} */ (error), "change"));
    }
  }

  return html`<section class="card conversation" id="conversation" aria-labelledby="conversation-title">
    <p class="conversation-back"><a href="#/inbox">← All conversations</a></p>
    <h2 id="conversation-title" ref=${title} data-opened tabindex="-1">${name && name !== contact.address && html`<bdi>${name}</bdi> · `}${contact.address} <span class="badge">${channelName(contact.channel)}</span></h2>
    <p class="hint"><a href=${customerLink(contact)}>This customer’s messages and consent</a></p>
    <${Notice} id="conversation-notice" text=${problem || list.problem || (list.answered ? "" : "Loading …")} />
    ${
      list.answered &&
      about &&
      html`<div id="conversation-body">
      <div id="opt-out-state">${about.opt_out && html`<p class=${out ? "notice bad" : "notice"}><strong>${out ? "Opted out: nothing is sent to this contact." : "Opted in again."}</strong> ${consentWords(about.opt_out, quoteOf(about, list.rows))}</p>`}</div>
      <${Scroller} messages=${list.rows} more=${list.more} older=${list.older} />
      ${!out && from && html`<${Reply} api=${api} contact=${contact} from=${from} free=${serviceWindowWords(contact.channel, from, about.service_windows)} sent=${replied} />`}
      ${!out && from && !may("send") && html`<p class="hint">To reply, you need a client with the scope “send”.</p>`}
      ${!out && !from && html`<p class="hint" id="reply-none" data-needs="send">You can reply once there is a message. <a href="#/">Send a message</a> to start.</p>`}
      ${!out && html`<${OptOut} act=${(/** @type {string} */ why) => setOptOut(true, why)} />`}
      ${out && html`<span data-needs="operate"><${AskTwice} id="opt-in" label="Opt in again" question="Did the customer agree?" act=${() => setOptOut(false, "")} /></span>`}
    </div>`
    }
  </section>`;
}

/** The messages, oldest first. It stays at the end, unless the reader has scrolled up. @param {{messages: Message[], more: boolean, older: () => Promise<unknown>}} props */
function Scroller({ messages, more, older }) {
  const scroller = useRef(/** @type {HTMLElement | null} */ (null));
  const below = useRef(0);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const end = below.current < NEAR + element.clientHeight;
    element.scrollTop = element.scrollHeight - (end ? 0 : below.current);
  }, [messages.length]);
  function scrolled() {
    const element = scroller.current;
    if (element) below.current = element.scrollHeight - element.scrollTop;
  }
  return html`<div class="conversation-scroll" id="conversation-scroll" ref=${scroller} role="log" aria-label="Messages" tabindex="0" onScroll=${scrolled}>
    ${more && html`<button type="button" class="quiet" id="conversation-older" onClick=${older}>Load more</button>`}
    ${!messages.length && html`<p class="empty" id="conversation-empty">No messages yet.</p>`}
    <${Bubbles} messages=${[...messages].reverse()} />
  </div>`;
}

/** @param {{api: Api, contact: Contact, from: string, free: string, sent: () => void}} props */
function Reply({ api, contact, from, free, sent }) {
  const kept = `reply ${contact.channel} ${contact.address}`;
  const [text, setText] = useState(/** @type {string | null} */ (draft(kept)) ?? "");
  const [problem, setProblem] = useState("");
  const [sending, setSending] = useState(false);
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const { segments } = segmentsOf(text);
  const parts =
    contact.channel === "sms" && text ? ` · ${segments === 1 ? "one segment" : `${segments} segments`}` : "";
  /** @param {Event} event */
  async function reply(event) {
    event.preventDefault();
    const said = text.trim();
    field.current?.focus();
    if (sending || !said) return;
    setSending(true);
    setProblem("");
    try {
      await deliver(api, "/v1/messages", {
        channel: contact.channel,
        message_type: "text",
        to: contact.address,
        from,
        text: said,
      });
      if (String(draft(kept) ?? "").trim() === said) keepDraft(kept, null);
      setText((now) => (now.trim() === said ? "" : now)); // what was typed meanwhile stays
      announce("Sent.");
      sent();
    } catch (error) {
      setProblem(problemOf(/** @type {ApiError} */ (error), "send"));
    }
    setSending(false);
  }
  /** @param {any} event */
  function typed({ target }) {
    setText(target.value);
    keepDraft(kept, target.value || null);
  }
  /** @param {KeyboardEvent} event */
  function sendByKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void reply(event);
  }
  return html`<form class="reply" id="reply" data-needs="send" method="post" action="/" autocomplete="off" onSubmit=${reply}>
    <${Notice} bad id="reply-error" text=${problem} />
    <p class="field"><label for="reply-text">Reply</label>
      <textarea id="reply-text" ref=${field} rows="2" dir="auto" aria-describedby="reply-hint" value=${text} onInput=${typed} onKeyDown=${sendByKey}></textarea></p>
    <p class="reply-foot"><span class="hint" id="reply-hint">${`Sent by ${channelName(contact.channel)} from ${from}${parts}${free && `. ${free}`}`}</span> <button class="primary" id="reply-send" aria-disabled=${sending || undefined}>Reply</button></p>
  </form>`;
}

/** @param {{act: (why: string) => Promise<void>}} props */
function OptOut({ act }) {
  const why = useRef(/** @type {HTMLInputElement | null} */ (null));
  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    void act(why.current?.value.trim() ?? "");
  }
  return html`<details class="opting" id="opt-out-ask" data-needs="operate"><summary>Opt out …</summary>
    <form id="opt-out-form" method="post" action="/" autocomplete="off" onSubmit=${submit}>
      <p>Nothing more is sent to this customer on any channel of this number, and messages in progress stop. Do this when a customer asks for it.</p>
      <p class="field"><label for="opt-out-why">Why</label><input id="opt-out-why" ref=${why} maxlength="200" placeholder="Asked on the phone" /></p>
      <button class="asked">Opt out</button>
    </form>
  </details>`;
}

/** Our number or ID that the customer wrote to last, else the one that we wrote from. @param {Message[]} messages   newest first */
function ours(messages) {
  const to = messages
    .map((message) => (message.direction === "inbound" ? readInbound(message.message).to : ""))
    .find(Boolean);
  return (
    to ?? messages.map((message) => (message.direction === "outbound" ? message.step?.from : "")).find(Boolean) ?? ""
  );
}

/** The customer's message that is named as the reason of an opt-out, or empty. @param {Talk} about @param {Message[]} messages */
function quoteOf({ opt_out: optOut }, messages) {
  if (optOut?.by !== "customer") return "";
  const received = messages.filter((message) => message.direction === "inbound");
  const named = received.find(({ message }) => optOut.why.endsWith(String(message.message_uuid)));
  return named ? readInbound(named.message).text : "";
}

/** @param {ApiError} error @param {"send" | "change"} attempt */
function problemOf(error, attempt) {
  const listed = error.problem?.invalid_parameters ?? [];
  return listed.length ? listed.map(({ name, reason }) => `“${name}” ${reason}`).join(" ") : trouble(error, attempt);
}
