/** The view "Messages": search by contact, ID, reference, outcome and day, with the day's figures beside the list. */

import { CHANNEL_LIST, channelName } from "../channels/channels.js";
import { openDay } from "../days/day.js";
import { announce, byId, h, tell } from "../elements/dom.js";
import { draft, keepDraft } from "../shell/drafts.js";
import { may } from "../shell/scopes.js";
import { capital, outcomeBadge, trouble } from "../text/words.js";
import { bounds, dayName, shortDay, today } from "../time/days.js";
import { read } from "./query.js";
import { openRows } from "./rows.js";

/** @import { Contact } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Feed, ListQuery, Source } from "./feed.js" */
/** @import { Query } from "./query.js" */

/**
 * @typedef {object} Filter
 * @property {string} text
 * @property {boolean} asReference   the text is the client's own reference, whatever it looks like
 * @property {string} channel   "" for any
 * @property {ListQuery["outcome"] | ""} outcome   "" for any
 * @property {string | null} day   null for today
 * @property {boolean} onlyDay   the list has only dispatches of this day
 */

const OUTCOMES = /** @type {const} */ (["open", "succeeded", "exhausted", "stopped", "cancelled"]);

/** @type {Filter} */
const NOTHING = { text: "", asReference: false, channel: "", outcome: "", day: null, onlyDay: false };

/**
 * @param {Api} api
 * @returns {() => void} stops it
 */
export function openDispatches(api) {
  /** @type {Filter} */
  const filter = { ...NOTHING, .../** @type {Partial<Filter> | null} */ (draft("find")) };
  const typed = /** @type {string | null} */ (draft("find-typed")) ?? filter.text;
  const text = /** @type {HTMLInputElement} */ (byId("find-text"));
  const channel = /** @type {HTMLSelectElement} */ (byId("find-channel"));
  const outcome = /** @type {HTMLSelectElement} */ (byId("find-outcome"));
  const day = /** @type {HTMLSelectElement} */ (byId("find-day"));
  /** @type {(() => void) | null} */
  let stopRows = null;
  let search = 0; // counts searches, to ignore answers to earlier ones
  let began = today();

  /** Shows the list for the current filter. */
  function show() {
    keepDraft("find", filter);
    began = today();
    fill();
    stopRows?.();
    stopRows = null;
    search++;
    tell(byId("found-notice"), "");
    byId("found-empty").hidden = byId("found-news").hidden = byId("found-more").hidden = true;
    byId("found").replaceChildren();
    /** @type {Query} */
    const query = filter.asReference
      ? { kind: "reference", reference: filter.text }
      : read(filter.text, filter.channel);
    showError(query.kind === "invalid" ? query.problem : "");
    byId("dispatches").classList.toggle("searching", query.kind !== "all");
    if (query.kind === "invalid") {
      tell(byId("found-words"), "");
      return;
    }
    if (query.kind === "id") {
      void openById(query.id);
      return;
    }
    tell(byId("found-words"), `${words(query, filter)} …`);
    const places = {
      rows: byId("found"),
      news: byId("found-news"),
      more: byId("found-more"),
      notice: byId("found-notice"),
    };
    stopRows = openRows(api, sources(query, filter), places, { drawn: (feed) => describe(feed, query) }).stop;
  }

  /** Updates the words around the rows. @param {Feed} feed @param {Query} query */
  function describe(feed, query) {
    if (filter.onlyDay && filter.day === null && began !== today()) {
      show(); // at midnight it moves on to the new day
      return;
    }
    const none = feed.answered() && feed.rows().length === 0;
    if (feed.answered()) tell(byId("found-words"), words(query, filter));
    byId("found-more").textContent = query.kind === "reference" ? "Search older messages" : "Load more";
    byId("found-empty").hidden = !none;
    if (!none) return;
    const other = h("button", { type: "button" }, "Search by reference instead");
    other.onclick = () => change({ asReference: true });
    const maybe = query.kind === "contacts" && !filter.channel && /^\d+$/.test(filter.text);
    byId("found-empty").replaceChildren(...empty(feed, query, filter), ...(maybe ? [" ", other] : []));
  }

  /** @param {string} id */
  async function openById(id) {
    const mine = search;
    tell(byId("found-words"), "Looking for this ID …");
    try {
      const found = await dispatchOf(api, id);
      if (mine !== search) return;
      tell(byId("found-words"), "");
      if (!found) {
        showError(
          "No message has this ID. Check that it is complete, or search by the customer’s number. Old messages are deleted after a while.",
        );
        return;
      }
      filter.text = text.value = ""; // so that going back shows the list
      keepDraft("find", filter);
      keepDraft("find-typed", null);
      location.hash = `#/dispatches/${found}`;
    } catch (error) {
      if (mine !== search) return;
      tell(byId("found-words"), "");
      showError(trouble(/** @type {ApiError} */ (error), "change"));
    }
  }

  /** Writes the filter into the fields. */
  function fill() {
    const chosen = filter.day ?? today();
    channel.replaceChildren(option("", "Any channel"), ...CHANNEL_LIST.map((name) => option(name, channelName(name))));
    channel.value = filter.channel;
    outcome.replaceChildren(option("", "Any outcome"), ...OUTCOMES.map((name) => option(name, badge(name))));
    outcome.value = filter.outcome ?? "";
    day.replaceChildren(option("", "Any day"), option("only", `Only ${nameOf(chosen)}`));
    day.value = filter.onlyDay ? "only" : "";
  }

  /** @param {string} sentence */
  function showError(sentence) {
    byId("find-error").textContent = sentence;
    if (sentence) text.setAttribute("aria-invalid", "true");
    else text.removeAttribute("aria-invalid");
    if (sentence) text.focus();
  }

  function asTyped() {
    const now = text.value.trim();
    return { text: now, asReference: filter.asReference && now === filter.text };
  }

  /** @param {Partial<Filter>} changed */
  function change(changed) {
    Object.assign(filter, changed);
    if (changed.text !== undefined) text.value = changed.text;
    keepDraft("find-typed", null);
    show();
  }

  /** @type {HTMLFormElement} */ (byId("find")).onsubmit = (event) => {
    event.preventDefault();
    change({ text: text.value.trim(), asReference: false });
  };
  text.oninput = () => {
    keepDraft("find-typed", text.value);
    if (!text.value && filter.text) change({ text: "", asReference: false });
    else if (text.hasAttribute("aria-invalid")) showError("");
  };
  channel.onchange = () => change({ text: text.value.trim(), asReference: false, channel: channel.value });
  outcome.onchange = () => change({ ...asTyped(), outcome: OUTCOMES.find((name) => name === outcome.value) ?? "" });
  day.onchange = () => change({ ...asTyped(), onlyDay: day.value === "only" });
  text.value = typed;
  byId("overview").hidden = false; // earlier nothing would react to input
  show();
  const stopDay = openDay(
    api,
    filter.day,
    (chosen) => change({ day: chosen, onlyDay: true }),
    (picked) => {
      change({ ...NOTHING, day: filter.day, outcome: picked, onlyDay: true });
      byId("found-words").scrollIntoView({ block: "nearest" });
      announce(words({ kind: "all" }, filter));
    },
  );
  return () => {
    search++;
    stopRows?.();
    stopDay();
  };
}

/**
 * The dispatch with this ID (it ends in 00), or with a message of this ID, ours or Vonage's. Null if there is none.
 * @param {Api} api @param {string} id
 */
async function dispatchOf(api, id) {
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

/**
 * The API finds everything that was sent to a customer. A chosen channel narrows it to the messages for that address.
 * @param {Query} query @param {Filter} filter @returns {Source[]}
 */
function sources(query, { channel, outcome, day, onlyDay }) {
  const rest = { ...(outcome && { outcome }), ...(onlyDay && bounds(day ?? today())) };
  if (query.kind === "contacts") {
    return query.contacts.map((contact) => ({
      query: { ...contact, ...rest },
      ...(channel && { only: ({ to }) => to.some((one) => isSame(one, contact)) }),
    }));
  }
  if (query.kind === "reference") {
    return [{ query: rest, only: ({ client_ref: reference }) => reference === query.reference }];
  }
  return [{ query: rest }];
}

/** @param {Contact} one @param {Contact} other */
function isSame(one, other) {
  return one.channel === other.channel && one.address.toLowerCase() === other.address.toLowerCase();
}

/** The list's heading. @param {Query} query @param {Filter} filter */
function words(query, { channel, outcome, day, onlyDay }) {
  const parts = [
    outcome ? `${badge(outcome)}:` : "",
    query.kind === "contacts"
      ? `messages to ${query.address} on ${channel ? channelName(channel) : "any channel"}`
      : "",
    query.kind === "reference" ? `messages with the reference “${query.reference}”` : "",
    query.kind === "all" ? "messages" : "",
    onlyDay ? `from ${nameOf(day ?? today())}` : "",
  ];
  return `${capital(parts.filter(Boolean).join(" "))}, newest first`;
}

/** @param {Feed} feed @param {Query} query @param {Filter} filter @returns {(Node | string)[]} */
function empty(feed, query, { channel, outcome, onlyDay }) {
  const narrowed = outcome || onlyDay || channel ? " Try any channel, outcome and day." : "";
  if (query.kind === "contacts") {
    const check = query.address.includes("@") ? "Check the address." : "Check the number and its country code.";
    return [
      narrowed
        ? `No matching message to ${query.address}.${narrowed}`
        : `Nothing was sent to ${query.address} yet. ${check}`,
    ];
  }
  if (query.kind === "reference") {
    const looked = feed.more() ? `None of the newest ${feed.looked()} messages` : "No message";
    return [`${looked} has the reference “${query.reference}” (client_ref).${narrowed}`];
  }
  if (outcome || onlyDay) return ["No matching message. Choose another outcome, or any day."];
  if (!may("send")) return ["No messages yet. What other clients send appears in this list."];
  return [
    "No messages yet. ",
    h("a", { href: "#/" }, "Send a message"),
    " here, or through the API with ",
    h("code", {}, "POST /v1/messages"),
    ". It appears in this list, with everything that happens to it.",
  ];
}

/** @param {string} value @param {string} label */
function option(value, label) {
  return h("option", { value }, label);
}

/** @param {string} outcome */
function badge(outcome) {
  return outcomeBadge(outcome === "open" ? null : outcome).text;
}

/** In a sentence: "today", "20 Nov" @param {string} day */
function nameOf(day) {
  const name = dayName(day);
  return name === "Today" || name === "Yesterday" ? name.toLowerCase() : shortDay(day);
}
