/** One contact: what was said in both directions, while it is said; an answer; and whether it wants any. */

import { deliver } from "../api/send_once.js";
import { watch } from "../api/watch.js";
import { asking } from "../elements/confirm.js";
import { announce, byId, h, reconcile, tell } from "../elements/dom.js";
import { draft, keepDraft } from "../shell/drafts.js";
import { segmentsOf } from "../text/sms_segments.js";
import { channelName, fullTime, trouble } from "../text/words.js";
import { drawBubbles, nameOf } from "./bubbles.js";
import { readInbound } from "./inbound.js";

/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Message } from "./bubbles.js" */

/** @typedef {{channel: string, address: string}} Contact */
/** @typedef {Contact & {opted_out: boolean, changed_at: string, why: string, by: string}} OptOut */

const PAGE = 30;

/**
 * Shows the contact until it is stopped.
 * @param {Api} api
 * @param {Contact} contact
 * @returns {() => void} stops it
 */
export function openThread(api, contact) {
  const path = `${encodeURIComponent(contact.channel)}/${encodeURIComponent(contact.address)}`;
  const kept = `reply ${contact.channel} ${contact.address}`;
  const text = /** @type {HTMLTextAreaElement} */ (byId("reply-text"));
  const scroller = byId("thread-scroll");
  /** Newest first, as they come. @type {Message[]} */
  let messages = [];
  /** @type {OptOut | null} */
  let optOut = null;
  /** @type {string | null} */
  let cursor = null;
  /** @type {string | null} */
  let etag = null;
  let open = true;
  let sending = false;
  let opened = false;

  async function look() {
    try {
      const asked = await api.get(`/v1/conversations/${path}?limit=${PAGE}`, etag);
      if (!open) return false;
      etag = asked.etag;
      tell(byId("thread-notice"), "");
      if (!asked.body) return false;
      merge(asked.body);
      draw();
      return true;
    } catch (error) {
      if (open) tell(byId("thread-notice"), faults(/** @type {ApiError} */ (error), "look"));
      return false;
    }
  }

  /** @param {{messages: Message[], cursor: string | null, opt_out: OptOut | null}} page */
  function merge(page) {
    const known = new Set(page.messages.map(nameOf));
    const older = messages.filter((message) => !known.has(nameOf(message)));
    const seamless = older.length < messages.length;
    messages = seamless ? [...page.messages, ...older] : page.messages;
    if (!seamless) cursor = page.cursor;
    optOut = page.opt_out;
  }

  async function older() {
    try {
      const { body } = await api.get(
        `/v1/conversations/${path}?limit=${PAGE}&cursor=${encodeURIComponent(cursor ?? "")}`,
      );
      if (!open) return;
      const known = new Set(messages.map(nameOf));
      messages = [
        ...messages,
        ...body.messages.filter((/** @type {Message} */ message) => !known.has(nameOf(message))),
      ];
      cursor = body.cursor;
      const below = scroller.scrollHeight - scroller.scrollTop;
      draw();
      scroller.scrollTop = scroller.scrollHeight - below;
    } catch (error) {
      if (open) tell(byId("thread-notice"), faults(/** @type {ApiError} */ (error), "change"));
    }
  }

  function draw() {
    const atEnd = !opened || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
    const name = messages
      .map((message) => (message.direction === "inbound" ? readInbound(message.message).name : ""))
      .find(Boolean);
    byId("thread-name").textContent = name && name !== contact.address ? `${name} · ` : "";
    byId("thread-older").hidden = cursor === null;
    byId("thread-empty").hidden = messages.length > 0;
    drawBubbles(byId("bubbles"), [...messages].reverse());
    describe();
    byId("thread-body").hidden = false;
    if (atEnd) scroller.scrollTop = scroller.scrollHeight;
    opened = true;
  }

  /** Whom an answer goes to, and from which number; or why there can be none. */
  function describe() {
    const from = ours(messages);
    const out = Boolean(optOut?.opted_out);
    reconcile(
      byId("opt-out-state"),
      optOut ? [{ optOut, said: saidIn(optOut, messages) }] : [],
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
    byId("reply-hint").textContent = `Goes by ${channelName(contact.channel)} from ${from}${parts}`;
  }

  /** @param {Event} event */
  async function reply(event) {
    event.preventDefault();
    const said = text.value.trim();
    if (sending) return;
    if (!said) return text.focus();
    sending = true;
    byId("reply-send").setAttribute("aria-disabled", "true");
    tell(byId("reply-error"), "");
    try {
      await deliver(api, "/v1/messages", {
        channel: contact.channel,
        message_type: "text",
        to: contact.address,
        from: ours(messages),
        text: said,
      });
      if (draft(kept)?.trim() === said) keepDraft(kept, null);
      if (open && text.value.trim() === said) text.value = ""; // else it is for somebody else by now
      announce("Sent.");
      watching.now();
    } catch (error) {
      if (open) tell(byId("reply-error"), faults(/** @type {ApiError} */ (error), "send"));
    } finally {
      sending = false;
      byId("reply-send").removeAttribute("aria-disabled");
      if (open) text.focus();
    }
  }

  function typed() {
    keepDraft(kept, text.value || null);
    describe();
  }

  /** @param {KeyboardEvent} event */
  function hurry(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) reply(event);
  }

  /** @param {boolean} out */
  async function set(out) {
    const why = /** @type {HTMLInputElement} */ (byId("opt-out-why"));
    try {
      if (out) await api.put(`/v1/opt-outs/${path}`, why.value.trim() ? { why: why.value.trim() } : {});
      else await api.delete(`/v1/opt-outs/${path}`);
      if (!open) return;
      why.value = "";
      /** @type {HTMLDetailsElement} */ (byId("opt-out-ask")).open = false;
      announce(out ? "Opted out." : "Opted in again.");
      watching.now();
    } catch (error) {
      if (open) tell(byId("thread-notice"), faults(/** @type {ApiError} */ (error), "change"));
    }
  }

  byId("thread-address").textContent = contact.address;
  byId("thread-channel").textContent = channelName(contact.channel);
  byId("thread-body").hidden = true;
  byId("bubbles").replaceChildren();
  /** @type {HTMLDetailsElement} */ (byId("opt-out-ask")).open = false;
  /** @type {HTMLInputElement} */ (byId("opt-out-why")).value = "";
  tell(byId("thread-notice"), "Loading …");
  tell(byId("reply-error"), "");
  text.value = draft(kept) ?? "";
  byId("thread-older").onclick = older;
  byId("reply").onsubmit = reply;
  text.oninput = typed;
  text.onkeydown = hurry;
  byId("opt-out-form").onsubmit = (event) => {
    event.preventDefault();
    set(true);
  };
  const unask = asking(byId("opt-in"), "Opt in again", "Did the customer agree?", () => set(false));
  const watching = watch(look, (unchanged) => (unchanged < 30 ? 2_000 : unchanged < 60 ? 5_000 : 15_000));
  return () => {
    open = false;
    unask();
    watching.stop();
  };
}

/** The number or id of ours that the customer wrote to last, else the one that we wrote from. @param {Message[]} messages   newest first */
function ours(messages) {
  const to = messages
    .map((message) => (message.direction === "inbound" ? readInbound(message.message).to : ""))
    .find(Boolean);
  return (
    to ?? messages.map((message) => (message.direction === "outbound" ? message.step?.from : "")).find(Boolean) ?? ""
  );
}

/** @param {{optOut: OptOut, said: string}} item */
function stateOf({ optOut: { opted_out: out, changed_at: at, why, by }, said }) {
  const who = by === "customer" ? "the customer" : by === "vonage" ? "Vonage" : by;
  return h(
    "p",
    { class: `notice ${out ? "bad" : ""}` },
    h("strong", {}, out ? "Opted out: nothing is sent to this contact." : "Opted in again."),
    ` By ${who}, ${fullTime(at)}: ${said ? `wrote “${said}”` : why}.`,
  );
}

/** What the customer wrote that is named as the reason. @param {OptOut} optOut @param {Message[]} messages */
function saidIn({ by, why }, messages) {
  const named =
    by === "customer" &&
    messages.find((message) => message.direction === "inbound" && why.endsWith(String(message.message.message_uuid)));
  return named && named.direction === "inbound" ? readInbound(named.message).text : "";
}

/** @param {ApiError} error @param {"look" | "send" | "change"} wish */
function faults(error, wish) {
  const listed = error.problem?.invalid_parameters ?? [];
  return listed.length ? listed.map(({ name, reason }) => `“${name}” ${reason}`).join(" ") : trouble(error, wish);
}
