/** One conversation, live: the messages in both directions, the reply, and the opt-out. */

import { deliver } from "../api/send_once.js";
import { watch } from "../api/watch.js";
import { channelName } from "../channels/channels.js";
import { askTwice } from "../elements/confirm.js";
import { announce, byId, h, reconcile, tell } from "../elements/dom.js";
import { draft, keepDraft } from "../shell/drafts.js";
import { segmentsOf } from "../text/sms_segments.js";
import { fullTime, trouble } from "../text/words.js";
import { drawBubbles, nameOf } from "./bubbles.js";
import { readInbound } from "./inbound.js";
import { serviceWindowWords } from "./service_window.js";

/** @import { Contact, Conversation, OptOut, ServiceWindow } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Message } from "./bubbles.js" */

const PAGE_SIZE = 30;

/**
 * Shows the conversation with a contact until it is stopped.
 * @param {Api} api
 * @param {Contact} contact
 * @returns {() => void} stops it
 */
export function openConversation(api, contact) {
  const path = { channel: contact.channel, address: contact.address };
  const kept = `reply ${contact.channel} ${contact.address}`;
  const text = /** @type {HTMLTextAreaElement} */ (byId("reply-text"));
  const scroller = byId("conversation-scroll");
  /** Newest first, as they come. @type {Message[]} */
  let messages = [];
  /** @type {OptOut | null} */
  let optOut = null;
  /** @type {ServiceWindow[]} */
  let windows = [];
  /** @type {string | null} */
  let cursor = null;
  /** @type {string | null} */
  let etag = null;
  let open = true;
  let sending = false;
  let opened = false;

  async function look() {
    try {
      const asked = { path, query: { limit: PAGE_SIZE } };
      const answer = await api.getIfChanged("/v1/conversations/{channel}/{address}", etag, asked);
      if (!open) return false;
      if (answer.body) {
        merge(answer.body);
        draw();
      }
      etag = answer.etag; // not before: what could not be drawn is asked for again
      tell(byId("conversation-notice"), "");
      return Boolean(answer.body);
    } catch (error) {
      if (open) tell(byId("conversation-notice"), problemOf(/** @type {ApiError} */ (error), "load"));
      return false;
    }
  }

  /** @param {Conversation} page */
  function merge(page) {
    const known = new Set(page.messages.map(nameOf));
    const others = messages.filter((message) => !known.has(nameOf(message)));
    const seamless = others.length < messages.length;
    messages = seamless ? [...page.messages, ...others] : page.messages;
    if (!seamless) cursor = page.cursor;
    optOut = page.opt_out;
    windows = page.service_windows;
  }

  async function older() {
    try {
      const asked = { path, query: { limit: PAGE_SIZE, cursor: cursor ?? "" } };
      const { body } = await api.get("/v1/conversations/{channel}/{address}", asked);
      if (!open) return;
      const known = new Set(messages.map(nameOf));
      messages = [...messages, ...body.messages.filter((message) => !known.has(nameOf(message)))];
      cursor = body.cursor;
      const below = scroller.scrollHeight - scroller.scrollTop;
      draw();
      scroller.scrollTop = scroller.scrollHeight - below;
    } catch (error) {
      if (open) tell(byId("conversation-notice"), problemOf(/** @type {ApiError} */ (error), "change"));
    }
  }

  function draw() {
    const atEnd = !opened || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
    const name = messages
      .map((message) => (message.direction === "inbound" ? readInbound(message.message).name : ""))
      .find(Boolean);
    byId("conversation-name").textContent = name && name !== contact.address ? `${name} · ` : "";
    byId("conversation-older").hidden = cursor === null;
    byId("conversation-empty").hidden = messages.length > 0;
    drawBubbles(byId("bubbles"), [...messages].reverse());
    describe();
    byId("conversation-body").hidden = false;
    if (atEnd) scroller.scrollTop = scroller.scrollHeight;
    opened = true;
  }

  /** Updates the reply form: the sender and the length, or why there is no reply. */
  function describe() {
    const from = ours(messages);
    const out = Boolean(optOut?.opted_out);
    reconcile(
      byId("opt-out-state"),
      optOut ? [{ optOut, quote: quoteOf(optOut, messages) }] : [],
      () => "state",
      stateOf,
    );
    byId("opt-out-ask").hidden = out;
    byId("opt-in").hidden = !out;
    byId("reply").hidden = out || !from;
    byId("reply-none").hidden = out || Boolean(from);
    const { segments } = segmentsOf(text.value);
    const parts =
      contact.channel === "sms" && text.value ? ` · ${segments === 1 ? "one segment" : `${segments} segments`}` : "";
    const free = serviceWindowWords(contact.channel, from, windows);
    byId("reply-hint").textContent =
      `Sent by ${channelName(contact.channel)} from ${from}${parts}${free && `. ${free}`}`;
  }

  /** @param {Event} event */
  async function reply(event) {
    event.preventDefault();
    const typedText = text.value.trim();
    if (sending) return;
    if (!typedText) {
      text.focus();
      return;
    }
    sending = true;
    byId("reply-send").setAttribute("aria-disabled", "true");
    tell(byId("reply-error"), "");
    try {
      await deliver(api, "/v1/messages", {
        channel: contact.channel,
        message_type: "text",
        to: contact.address,
        from: ours(messages),
        text: typedText,
      });
      if (keptDraft().trim() === typedText) keepDraft(kept, null);
      if (open && text.value.trim() === typedText) text.value = ""; // else the field has a different draft now
      announce("Sent.");
      watching.now();
    } catch (error) {
      if (open) tell(byId("reply-error"), problemOf(/** @type {ApiError} */ (error), "send"));
    } finally {
      sending = false;
      byId("reply-send").removeAttribute("aria-disabled");
      if (open) text.focus();
    }
  }

  function keptDraft() {
    return /** @type {string | null} */ (draft(kept)) ?? "";
  }

  function typed() {
    keepDraft(kept, text.value || null);
    describe();
  }

  /** @param {KeyboardEvent} event */
  function sendByKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void reply(event);
  }

  /** @param {boolean} out */
  async function setOptOut(out) {
    const why = /** @type {HTMLInputElement} */ (byId("opt-out-why"));
    try {
      const reason = why.value.trim();
      if (out) await api.put("/v1/opt-outs/{channel}/{address}", { path }, reason ? { why: reason } : {});
      else await api.delete("/v1/opt-outs/{channel}/{address}", { path });
      if (!open) return;
      why.value = "";
      /** @type {HTMLDetailsElement} */ (byId("opt-out-ask")).open = false;
      announce(out ? "Opted out." : "Opted in again.");
      watching.now();
    } catch (error) {
      if (open) tell(byId("conversation-notice"), problemOf(/** @type {ApiError} */ (error), "change"));
    }
  }

  byId("conversation-address").textContent = contact.address;
  byId("conversation-channel").textContent = channelName(contact.channel);
  byId("conversation-body").hidden = true;
  byId("bubbles").replaceChildren();
  /** @type {HTMLDetailsElement} */ (byId("opt-out-ask")).open = false;
  /** @type {HTMLInputElement} */ (byId("opt-out-why")).value = "";
  tell(byId("conversation-notice"), "Loading …");
  tell(byId("reply-error"), "");
  text.value = keptDraft();
  byId("conversation-older").onclick = older;
  byId("reply").onsubmit = reply;
  text.oninput = typed;
  text.onkeydown = sendByKey;
  byId("opt-out-form").onsubmit = (event) => {
    event.preventDefault();
    void setOptOut(true);
  };
  const stopAsking = askTwice(byId("opt-in"), "Opt in again", "Did the customer agree?", () => setOptOut(false));
  const watching = watch(look, (unchanged) => (unchanged < 30 ? 2_000 : unchanged < 60 ? 5_000 : 15_000));
  return () => {
    open = false;
    stopAsking();
    watching.stop();
  };
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

/** @param {{optOut: OptOut, quote: string}} item */
function stateOf({ optOut: { opted_out: out, changed_at: at, why, by }, quote }) {
  const who = by === "customer" ? "the customer" : by === "vonage" ? "Vonage" : by;
  return h(
    "p",
    { class: `notice ${out ? "bad" : ""}` },
    h("strong", {}, out ? "Opted out: nothing is sent to this contact." : "Opted in again."),
    ` By ${who}, ${fullTime(at)}: ${quote ? `wrote “${quote}”` : why}.`,
  );
}

/** The customer's message that is named as the reason of an opt-out, or empty. @param {OptOut} optOut @param {Message[]} messages */
function quoteOf({ by, why }, messages) {
  const received = messages.filter((message) => message.direction === "inbound");
  const named = received.find(({ message }) => why.endsWith(String(message.message_uuid)));
  return by === "customer" && named ? readInbound(named.message).text : "";
}

/** @param {ApiError} error @param {"load" | "send" | "change"} attempt */
function problemOf(error, attempt) {
  const listed = error.problem?.invalid_parameters ?? [];
  return listed.length ? listed.map(({ name, reason }) => `“${name}” ${reason}`).join(" ") : trouble(error, attempt);
}
