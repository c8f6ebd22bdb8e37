/** The view "Inbox": who wrote, newest first, with what is new; and one conversation. */

import { CHANNEL_LIST, channelName } from "../channels/channels.js";
import { openFeed } from "../dispatches/feed.js";
import { read } from "../dispatches/query.js";
import { Moment, Notice } from "../elements/ui.js";
import { openPaged, pagesOf } from "../lists/paged.js";
import { useList } from "../lists/use_list.js";
import { shared } from "../settings/shared.js";
import { placeOf } from "../shell/places.js";
import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { answerTo, isAnswer } from "./answers.js";
import { Conversation } from "./conversation.js";
import { conversationLink } from "./links.js";
import { isUnread, keyOf, newestOfEach, unreadWords } from "./seen.js";
import { seen, take } from "./unread.js";

/** @import { Contact, DispatchSummary, InboundLine } from "#api" */
/** @import { Api } from "../api/api.js" */

const PAGE_SIZE = 50;
/** Milliseconds between two looks at what others have answered. */
const BESIDE = 30_000;
const UNKNOWN = "This link was made in another browser. Choose the customer again: a link never contains an address.";

/** @param {Api} api */
function inboxOf(api) {
  return openPaged(pagesOf(api, "/v1/conversations", "conversations"), {
    keyOf: (line) => JSON.stringify(line),
    atOf: (line) => line.received_at,
    pageSize: PAGE_SIZE,
  });
}

/** @param {{api: Api, id: string | null}} props */
export function Inbox({ api, id }) {
  const list = useList(
    "inbox",
    () => inboxOf(api),
    (_, unchanged) => (unchanged < 24 ? 5_000 : 15_000),
  );
  const sent = useList(
    "answers",
    () => openFeed(api, [{ query: {}, only: isAnswer }]),
    () => BESIDE,
  );
  const [onlyNew, setOnlyNew] = useState(false);
  const contact = id ? /** @type {Contact | null} */ (placeOf(id)) : null;
  useEffect(() => {
    if (list.answered) take(list.rows, list.more);
  }, [list.answered, JSON.stringify(list.rows[0])]);
  const all = newestOfEach(list.rows);
  const fresh = all.filter((line) => isUnread(line, seen.value));
  const shown = onlyNew ? fresh : all;
  return html`<section id="conversations" class=${contact ? "talking" : ""}>
    <h1 id="conversations-title" tabindex="-1">Inbox</h1>
    <div class="talk">
      <div class="talkers">
        <${Find} />
        <${Notice} id="contacts-notice" text=${id && !contact ? UNKNOWN : list.problem} />
        ${all.length > 0 && html`<p class="only-new"><label class="check"><input type="checkbox" checked=${onlyNew} onChange=${() => setOnlyNew(!onlyNew)} /> Only unread (${unreadWords(list.rows, seen.value, list.more) || "0"})</label></p>`}
        ${
          list.answered &&
          !all.length &&
          html`<div class="empty teach" id="contacts-empty">
          <p><b>No conversations yet.</b> Customers who reply to a message, or write to one of your numbers, appear here.</p>
          <p>Set the inbound URL of your Vonage application to <code id="inbound-url">${`${location.origin}/inbound`}</code>.</p>
          <p>On your own computer, send a message, open the simulated phones at the URL that <code>make run</code> prints, and reply from there.</p>
        </div>`
        }
        <ul class="rows" id="contacts-list" aria-label="Customers who wrote">
          ${shown.map((line) => html`<li key=${keyOf(line)}><${Line} line=${line} answer=${answerTo(line, sent.rows)} here=${contact !== null && keyOf(contact) === keyOf(line)} /></li>`)}
        </ul>
        ${list.more && html`<button type="button" onClick=${list.older}>Load more</button>`}
      </div>
      ${contact ? html`<${Conversation} key=${keyOf(contact)} api=${api} contact=${contact} moved=${id} answered=${sent.now} />` : html`<p class="empty" id="conversation-choose">Choose a customer, or open one by channel and number.</p>`}
    </div>
  </section>`;
}

/** @param {{line: InboundLine, answer: DispatchSummary | undefined, here: boolean}} props */
function Line({ line, answer, here }) {
  const fresh = isUnread(line, seen.value);
  return html`<a class=${fresh ? "row fresh" : "row"} data-row href=${conversationLink(line)} aria-current=${here ? "true" : undefined}>
    <span><span>${fresh && html`<span class="unseen">New: </span>`}<b>${line.address}</b> ${channelName(line.channel)}</span><${Moment} at=${line.received_at} /></span>
    <span class="snippet" dir="auto">${line.text ?? `(${(line.message_type ?? "message").replaceAll("_", " ")})`}</span>
    ${answer && html`<span class="snippet">You: <bdi>${answer.text ?? "(no text)"}</bdi></span>`}
  </a>`;
}

/** Opens a conversation by its channel and address. */
function Find() {
  const [problem, setProblem] = useState("");
  const channel = useRef(/** @type {HTMLSelectElement | null} */ (null));
  const address = useRef(/** @type {HTMLInputElement | null} */ (null));
  /** @param {Event} event */
  function open(event) {
    event.preventDefault();
    if (!channel.current || !address.current) return;
    const query = read(address.current.value, channel.current.value, shared.value);
    const [contact] = query.kind === "contacts" ? query.contacts : [];
    setProblem(
      contact ? "" : query.kind === "invalid" ? query.problem : "Enter the customer’s number or ID on this channel.",
    );
    if (contact) location.hash = conversationLink(contact);
    if (contact) address.current.value = "";
    else address.current.focus();
  }
  return html`<form class="talk-find" id="talk-find" method="post" action="/" autocomplete="off" novalidate onSubmit=${open}>
    <p class="field"><label for="talk-channel">Channel</label><select id="talk-channel" ref=${channel}>${CHANNEL_LIST.map((one) => html`<option value=${one}>${channelName(one)}</option>`)}</select></p>
    <p class="field"><label for="talk-address">Customer</label><input id="talk-address" ref=${address} placeholder="447700900001" autocapitalize="none" spellcheck=${false} aria-describedby="talk-error" /></p>
    <button>Open</button>
    ${problem && html`<span class="error" id="talk-error" role="status">${problem}</span>`}
  </form>`;
}
