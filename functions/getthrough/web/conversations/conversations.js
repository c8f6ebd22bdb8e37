/**
 * The customers who wrote, newest first, and one open conversation. A customer's address never appears in the URL: the
 * open one is kept in this tab.
 */

import { watch } from "../api/watch.js";
import { CHANNEL_LIST, channelName } from "../channels/channels.js";
import { read } from "../dispatches/query.js";
import { byId, h, reconcile, tell } from "../elements/dom.js";
import { draft, keepDraft } from "../shell/drafts.js";
import { fullTime, trouble, when } from "../text/words.js";
import { openConversation } from "./conversation.js";

/** @import { Contact, InboundLine } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */

const KEPT = "open contact";
const OPEN = "open"; // in the URL instead of an address
const PAGE_SIZE = 50;

/**
 * @param {Api} api
 * @param {string | null} id   whether a contact is open
 * @returns {() => void} stops it
 */
export function openConversations(api, id) {
  /** @type {InboundLine[]} */
  let lines = [];
  /** @type {string | null} */
  let cursor = null;
  /** @type {string | null} */
  let etag = null;
  let open = true;
  let answered = false;
  /** @type {(() => void) | null} */
  let stopConversation = null;

  async function look() {
    try {
      const answer = await api.getIfChanged("/v1/conversations", etag, { query: { limit: PAGE_SIZE } });
      if (!open) return false;
      etag = answer.etag;
      answered = true;
      tell(byId("contacts-notice"), "");
      if (!answer.body) return false;
      const known = new Set(answer.body.conversations.map(nameOf));
      const older = lines.filter((line) => !known.has(nameOf(line)));
      const seamless = older.length < lines.length;
      lines = seamless ? [...answer.body.conversations, ...older] : answer.body.conversations;
      if (!seamless) cursor = answer.body.cursor;
      draw();
      return true;
    } catch (error) {
      if (open) tell(byId("contacts-notice"), trouble(/** @type {ApiError} */ (error), "load"));
      return false;
    }
  }

  async function more() {
    try {
      const { body } = await api.get("/v1/conversations", { query: { limit: PAGE_SIZE, cursor: cursor ?? "" } });
      if (!open) return;
      const known = new Set(lines.map(nameOf));
      lines = [...lines, ...body.conversations.filter((line) => !known.has(nameOf(line)))];
      cursor = body.cursor;
      draw();
    } catch (error) {
      if (open) tell(byId("contacts-notice"), trouble(/** @type {ApiError} */ (error), "change"));
    }
  }

  /** The open contact, or null. */
  function openContact() {
    return id ? /** @type {Contact | null} */ (draft(KEPT)) : null;
  }

  function draw() {
    const today = new Date();
    const contact = openContact();
    /** @type {Map<string, InboundLine>} */
    const newest = new Map();
    for (const line of lines) if (!newest.has(keyOf(line))) newest.set(keyOf(line), line);
    const rows = [...newest.values()].map((line) => ({
      line,
      time: when(line.received_at, today),
      here: contact !== null && keyOf(line) === keyOf(contact),
    }));
    byId("contacts-empty").hidden = !answered || lines.length > 0;
    byId("contacts-more").hidden = cursor === null;
    reconcile(byId("contacts-list"), rows, ({ line }) => keyOf(line), row);
  }

  /** @param {Event} event */
  function pick({ target }) {
    const button = /** @type {HTMLElement} */ (target).closest("button");
    if (button?.dataset.contact) choose(JSON.parse(button.dataset.contact));
  }

  /** @param {Event} event */
  function find(event) {
    event.preventDefault();
    const channel = /** @type {HTMLSelectElement} */ (byId("talk-channel")).value;
    const typed = /** @type {HTMLInputElement} */ (byId("talk-address"));
    const query = read(typed.value, channel);
    const [contact] = query.kind === "contacts" ? query.contacts : [];
    const problem = query.kind === "invalid" ? query.problem : "Enter the customer’s number or ID on this channel.";
    tell(byId("talk-error"), contact ? "" : problem);
    if (contact) {
      typed.value = "";
      choose(contact);
    } else typed.focus();
  }

  /** @param {Contact} contact */
  function choose({ channel, address }) {
    keepDraft(KEPT, { channel, address });
    if (id === OPEN) show(true);
    else location.hash = `#/conversations/${OPEN}`;
  }

  /** @param {boolean} moved   the reader navigated there */
  function show(moved) {
    const contact = openContact();
    stopConversation?.();
    stopConversation = contact ? openConversation(api, contact) : null;
    byId("conversations").classList.toggle("talking", Boolean(contact));
    byId("conversation").hidden = !contact;
    byId("conversation-choose").hidden = Boolean(contact);
    draw();
    if (contact && moved) byId("conversation-title").focus();
  }

  const channels = byId("talk-channel");
  if (!channels.children.length) {
    channels.append(...CHANNEL_LIST.map((value) => h("option", { value }, channelName(value))));
  }
  byId("inbound-url").textContent = `${location.origin}/inbound`;
  byId("contacts-list").onclick = pick;
  byId("contacts-more").onclick = more;
  byId("talk-find").onsubmit = find;
  show(Boolean(id));
  const watching = watch(look, (unchanged) => (unchanged < 24 ? 5_000 : 15_000));
  return () => {
    open = false;
    stopConversation?.();
    watching.stop();
  };
}

/** @param {Contact} contact */
function keyOf({ channel, address }) {
  return `${channel} ${address}`;
}

/** @param {InboundLine} line */
function nameOf(line) {
  return JSON.stringify(line);
}

/** @param {{line: InboundLine, time: string, here: boolean}} item */
function row({ line, time, here }) {
  const { channel, address, received_at: at, message_type: kind, text } = line;
  return h(
    "li",
    {},
    h(
      "button",
      {
        type: "button",
        class: "row",
        "data-contact": JSON.stringify({ channel, address }),
        "aria-current": here ? "true" : null,
      },
      h(
        "span",
        {},
        h("span", {}, h("b", {}, address), ` ${channelName(channel)}`),
        h("time", { datetime: at, title: fullTime(at) }, time),
      ),
      h("span", { class: "snippet" }, text ?? `(${(kind ?? "message").replaceAll("_", " ")})`),
    ),
  );
}
