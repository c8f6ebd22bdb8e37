/** The view "Customers": everything about one customer on all channels, and who has opted out. */

import { CHANNEL_LIST, channelName } from "../channels/channels.js";
import { consentWords, proofOf, whoWords } from "../conversations/consent_words.js";
import { conversationLink, customerLink } from "../conversations/links.js";
import { openFeed } from "../dispatches/feed.js";
import { read } from "../dispatches/query.js";
import { hrefOf, keyOf, pace, Row } from "../dispatches/rows.js";
import { saveFile } from "../download/save.js";
import { announce } from "../elements/dom.js";
import { AskTwice, Facts, Moment, Notice, Press } from "../elements/ui.js";
import { openPaged, pagesOf } from "../lists/paged.js";
import { LiveRows, useList } from "../lists/use_list.js";
import { shared } from "../settings/shared.js";
import { placeOf } from "../shell/places.js";
import { fullTime, trouble } from "../text/words.js";
import { html, useEffect, useRef, useState } from "../vendor/preact.js";

/** @import { Contact, DispatchSummary, Erasure, KnownContact } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */

const MOST_PAGES = 200;

/** @param {{api: Api, id: string | null}} props */
export function Customers({ api, id }) {
  const contact = id ? /** @type {Contact | null} */ (placeOf(id)) : null;
  return html`<section id="customers">
    ${
      contact
        ? html`<${Customer} key=${id} api=${api} contact=${contact} />`
        : html`<h1 id="customers-title" tabindex="-1">Customers</h1>
        ${id && html`<${Notice} text="This link was made in another browser. Search again: a link never contains an address." />`}
        <${Find} /><${OptOuts} api=${api} />`
    }
  </section>`;
}

function Find() {
  const [problem, setProblem] = useState("");
  const channel = useRef(/** @type {HTMLSelectElement | null} */ (null));
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  /** @param {Event} event */
  function open(event) {
    event.preventDefault();
    const query = read(field.current?.value ?? "", channel.current?.value ?? "", shared.value);
    const [contact] = query.kind === "contacts" ? query.contacts : [];
    setProblem(contact ? "" : query.kind === "invalid" ? query.problem : "Enter the customer’s number or address.");
    if (contact) location.hash = customerLink(contact);
    else field.current?.focus();
  }
  return html`<form class="find card" role="search" aria-label="Customers" method="post" action="/" autocomplete="off" novalidate onSubmit=${open}>
    <p class="field find-text"><label for="customer-find">Customer</label><input id="customer-find" ref=${field} type="search" placeholder="+44 7700 900001" autocapitalize="none" spellcheck=${false} aria-describedby="customer-error" />
      <span class="error" id="customer-error">${problem}</span></p>
    <p class="field"><label for="customer-channel">Channel</label><select id="customer-channel" ref=${channel}><option value="">Any channel</option>${CHANNEL_LIST.map((one) => html`<option value=${one}>${channelName(one)}</option>`)}</select></p>
    <button class="primary">Open</button>
  </form>`;
}

/** @param {{api: Api}} props */
function OptOuts({ api }) {
  const list = useList(
    "opt-outs",
    () =>
      openPaged(pagesOf(api, "/v1/opt-outs", "opt_outs"), {
        keyOf: (one) => `${one.channel} ${one.address}`,
        atOf: (one) => one.changed_at,
      }),
    () => 30_000,
  );
  return html`<h2>Opted out</h2>
    <${Notice} text=${list.problem} />
    ${list.answered && !list.rows.length && html`<p class="empty">No customer has opted out. A customer who answers STOP, or whom you opt out, appears here.</p>`}
    <ul class="rows" id="opt-outs" aria-label="Customers who have opted out">${list.rows.map(
      (one) => html`<li key=${`${one.channel} ${one.address}`}><a class="row" data-row href=${customerLink(one)}>
      <span><span><b>${one.address}</b> ${channelName(one.channel)}</span><${Moment} at=${one.changed_at} /></span>
      <span class="snippet" dir="auto">By ${whoWords(one.by)}${one.by === "customer" ? "" : `: ${one.why}`}</span></a></li>`,
    )}</ul>
    ${list.more && html`<button type="button" onClick=${list.older}>Load more</button>`}`;
}

/** @param {{api: Api, contact: Contact}} props */
function Customer({ api, contact }) {
  const path = { channel: contact.channel, address: contact.address };
  const [known, setKnown] = useState(/** @type {KnownContact | null} */ (null));
  const [problem, setProblem] = useState("");
  async function load() {
    try {
      setKnown((await api.get("/v1/contacts/{channel}/{address}", { path })).body);
    } catch (error) {
      setProblem(trouble(/** @type {ApiError} */ (error), "change"));
    }
  }
  useEffect(() => {
    void load();
  }, []);
  /** @param {boolean} wanted */
  async function setOptOut(wanted) {
    try {
      if (wanted) await api.put("/v1/opt-outs/{channel}/{address}", { path }, {});
      else await api.delete("/v1/opt-outs/{channel}/{address}", { path });
      announce(wanted ? "Opted out." : "Opted in again.");
      await load();
    } catch (error) {
      setProblem(trouble(/** @type {ApiError} */ (error), "change"));
    }
  }
  const out = known?.opt_out?.opted_out ?? false;
  return html`
    <p><a class="back" href="#/customers">← All customers</a></p>
    <h1 id="customers-title" tabindex="-1">${contact.address} <span class="badge">${channelName(contact.channel)}</span></h1>
    <${Notice} bad text=${problem} />
    ${
      known &&
      html`
      <${Facts} items=${factsOf(known)} />
      <div id="consent">${known.opt_out ? html`<p class=${out ? "notice bad" : "notice"}><strong>${out ? "Opted out: nothing is sent to this contact." : "Opted in again."}</strong> ${consentWords(known.opt_out, "")}</p>` : html`<p class="notice">Has not opted out.</p>`}</div>
      <p class="actions">
        <a class="button plain" href=${conversationLink(contact)}>Conversation</a>
        <span data-needs="operate">${out ? html`<${AskTwice} label="Opt in again" question="Did the customer agree?" act=${() => setOptOut(false)} />` : html`<${AskTwice} class="danger" label="Opt out" question="Really opt out?" act=${() => setOptOut(true)} />`}</span>
        <${Data} api=${api} contact=${contact} failed=${setProblem} />
      </p>
      <${History} known=${known} />`
    }
    <${Sent} api=${api} contact=${contact} />`;
}

/** @param {KnownContact} known @returns {[string, unknown][]} */
function factsOf({ phone_number: phone, channels, accounts, service_windows: windows }) {
  return [
    ["Phone number", phone],
    ["Channels of this number", channels.map(({ channel }) => channelName(channel)).join(", ")],
    ["Other addresses", accounts.map(({ channel, address }) => `${channelName(channel)} ${address}`).join(", ")],
    [
      "You may write freely",
      windows.map((one) => `${channelName(one.channel)} from ${one.from} until ${fullTime(one.closes_at)}`).join(", "),
    ],
  ];
}

/** Every opt-out and opt-in, with its proof. @param {{known: KnownContact}} props */
function History({ known: { consents } }) {
  if (!consents.length) return null;
  return html`<h2>Consent, with its proof</h2>
    <ol class="history" id="consents">${consents.map((one) => html`<li><${Moment} at=${one.at} /> <b>${one.opted_out ? "Opted out" : "Opted in"}</b> on ${channelName(one.channel)} ${one.address}, by ${whoWords(one.by)}: <span dir="auto">${proofOf(one)}</span></li>`)}</ol>`;
}

/** @param {{api: Api, contact: Contact}} props */
function Sent({ api, contact }) {
  const list = useList(
    `customer ${contact.channel} ${contact.address}`,
    () => openFeed(api, [{ query: { ...contact } }]),
    pace,
  );
  return html`<h2>Messages, sent and planned</h2>
    <${Notice} text=${list.problem} />
    ${list.answered && !list.rows.length && html`<p class="empty">Nothing was sent or planned for this customer.</p>`}
    <div class="found"><${LiveRows} list=${list} id="customer-messages" keyOf=${keyOf} hrefOf=${hrefOf} row=${(/** @type {DispatchSummary} */ summary) => html`<${Row} summary=${summary} />`} /></div>`;
}

/** Export and erasure, for those who may. @param {{api: Api, contact: Contact, failed: (problem: string) => void}} props */
function Data({ api, contact, failed }) {
  const [receipt, setReceipt] = useState(/** @type {Erasure | null} */ (null));
  const path = { channel: contact.channel, address: contact.address };
  async function save() {
    const base = `/v1/contacts/${encodeURIComponent(contact.channel)}/${encodeURIComponent(contact.address)}/export`;
    let lines = "";
    try {
      for (let pages = 0, cursor = /** @type {string | null} */ (""); cursor !== null; pages++) {
        if (pages === MOST_PAGES) {
          failed(
            "This stack stores too much to be searched from here. Export with the API: GET …/export, page by page.",
          );
          return;
        }
        const page = await api.getLines(cursor ? `${base}?cursor=${encodeURIComponent(cursor)}` : base);
        lines += page.text;
        cursor = page.next;
      }
      saveFile("customer.jsonl", "application/jsonl", lines);
    } catch (error) {
      failed(trouble(/** @type {ApiError} */ (error), "change"));
    }
  }
  async function erase() {
    try {
      setReceipt((await api.delete("/v1/contacts/{channel}/{address}", { path })).body);
    } catch (error) {
      failed(trouble(/** @type {ApiError} */ (error), "change"));
    }
  }
  return html`<span data-needs="admin"><${Press} act=${save}>Export<//> <${AskTwice} class="danger" label="Erase …" question="Erase everything about this customer?" act=${erase} />
    ${receipt && html`<span role="status">The erasure ${receipt.erasure_uuid} has begun. It takes at least 20 minutes.</span>`}</span>`;
}
