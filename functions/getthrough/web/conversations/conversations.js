/**
 * Who wrote, newest first, and one of them open. The address of a contact is never part of the page's address: which one
 * is open is kept in this tab.
 */

import { watch } from "../api/watch.js";
import { read } from "../dispatches/query.js";
import { byId, h, reconcile, tell } from "../elements/dom.js";
import { draft, keepDraft } from "../shell/drafts.js";
import { CHANNELS, channelName, fullTime, trouble, when } from "../text/words.js";
import { openThread } from "./conversation.js";

/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Contact } from "./conversation.js" */

/** @typedef {Contact & {received_at: string, message_type: string | null, text: string | null}} Line */

const KEPT = "open contact";
const OPEN = "open"; // what stands in the page's address instead of a contact
const PAGE = 50;

/**
 * @param {Api} api
 * @param {string | null} id   whether a contact is open
 * @returns {() => void} stops it
 */
export function openConversations(api, id) {
  /** @type {Line[]} */
  let lines = [];
  /** @type {string | null} */
  let cursor = null;
  /** @type {string | null} */
  let etag = null;
  let open = true;
  let answered = false;
  /** @type {(() => void) | null} */
  let stopThread = null;

  async function look() {
    try {
      const asked = await api.get(`/v1/conversations?limit=${PAGE}`, etag);
      if (!open) return false;
      etag = asked.etag;
      answered = true;
      tell(byId("contacts-notice"), "");
      if (!asked.body) return false;
      const known = new Set(asked.body.conversations.map(nameOf));
      const older = lines.filter((line) => !known.has(nameOf(line)));
      const seamless = older.length < lines.length;
      lines = seamless ? [...asked.body.conversations, ...older] : asked.body.conversations;
      if (!seamless) cursor = asked.body.cursor;
      draw();
      return true;
    } catch (error) {
      if (open) tell(byId("contacts-notice"), trouble(/** @type {ApiError} */ (error), "look"));
      return false;
    }
  }

  async function more() {
    try {
      const { body } = await api.get(`/v1/conversations?limit=${PAGE}&cursor=${encodeURIComponent(cursor ?? "")}`);
      if (!open) return;
      const known = new Set(lines.map(nameOf));
      lines = [...lines, ...body.conversations.filter((/** @type {Line} */ line) => !known.has(nameOf(line)))];
      cursor = body.cursor;
      draw();
    } catch (error) {
      if (open) tell(byId("contacts-notice"), trouble(/** @type {ApiError} */ (error), "change"));
    }
  }

  function draw() {
    const today = new Date();
    const contact = id ? draft(KEPT) : null;
    /** @type {Map<string, Line>} */
    const newest = new Map();
    for (const line of lines) if (!newest.has(keyOf(line))) newest.set(keyOf(line), line);
    const rows = [...newest.values()].map((line) => ({
      line,
      time: when(line.received_at, today),
      here: Boolean(contact) && keyOf(line) === keyOf(contact),
    }));
    byId("contacts-empty").hidden = !answered || lines.length > 0;
    byId("contacts-more").hidden = cursor === null;
    reconcile(byId("contacts-list"), rows, ({ line }) => keyOf(line), row);
  }

  /** @param {Event} event */
  function pick({ target }) {
    const button = /** @type {HTMLElement} */ (target).closest("button");
    if (button) choose(JSON.parse(button.dataset.contact ?? "null"));
  }

  /** @param {Event} event */
  function find(event) {
    event.preventDefault();
    const channel = /** @type {HTMLSelectElement} */ (byId("talk-channel")).value;
    const typed = /** @type {HTMLInputElement} */ (byId("talk-address"));
    const meant = read(typed.value, channel);
    tell(
      byId("talk-error"),
      meant.kind === "fault"
        ? meant.fault
        : meant.kind === "contacts"
          ? ""
          : "Write the customer’s number or id on this channel.",
    );
    if (meant.kind !== "contacts") return typed.focus();
    typed.value = "";
    choose(meant.contacts[0]);
  }

  /** @param {Contact} contact */
  function choose({ channel, address }) {
    keepDraft(KEPT, { channel, address });
    if (id === OPEN) show(true);
    else location.hash = `#/conversations/${OPEN}`;
  }

  /** @param {boolean} moved   the reader went there */
  function show(moved) {
    const contact = id ? draft(KEPT) : null;
    stopThread?.();
    stopThread = contact ? openThread(api, contact) : null;
    byId("conversations").classList.toggle("talking", Boolean(contact));
    byId("thread").hidden = !contact;
    byId("thread-choose").hidden = Boolean(contact);
    draw();
    if (contact && moved) byId("thread-title").focus();
  }

  const channels = byId("talk-channel");
  if (!channels.children.length)
    channels.append(...Object.entries(CHANNELS).map(([value, { name }]) => h("option", { value }, name)));
  byId("inbound-url").textContent = `${location.origin}/inbound`;
  byId("contacts-list").onclick = pick;
  byId("contacts-more").onclick = more;
  byId("talk-find").onsubmit = find;
  show(Boolean(id));
  const watching = watch(look, (unchanged) => (unchanged < 24 ? 5_000 : 15_000));
  return () => {
    open = false;
    stopThread?.();
    watching.stop();
  };
}

/** @param {Contact} contact */
function keyOf({ channel, address }) {
  return `${channel} ${address}`;
}

/** @param {Line} line */
function nameOf(line) {
  return JSON.stringify(line);
}

/** @param {{line: Line, time: string, here: boolean}} item */
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
