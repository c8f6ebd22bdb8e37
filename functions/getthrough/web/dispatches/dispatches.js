/** Finding dispatches: by contact, id or reference, by outcome, by day; and the picture of a day beside them. */

import { openDay } from "../days/day.js";
import { announce, byId, h, tell } from "../elements/dom.js";
import { draft, keepDraft } from "../shell/drafts.js";
import { channelName, outcomeBadge, trouble } from "../text/words.js";
import { bounds, dayName, shortDay, today } from "../time/days.js";
import { read } from "./query.js";
import { openRows } from "./rows.js";

/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Feed, Source } from "./feed.js" */
/** @import { Query } from "./query.js" */

/**
 * @typedef {object} Wish
 * @property {string} text
 * @property {boolean} asReference   the text is the client's own reference, whatever it looks like
 * @property {string} channel   "" for any
 * @property {string} outcome   "" for any
 * @property {string | null} day   null for today
 * @property {boolean} onlyDay   the list has only what is of this day
 */

const CHANNELS = ["sms", "whatsapp", "rcs", "viber_service", "messenger", "mms", "email"];
const OUTCOMES = ["open", "succeeded", "exhausted", "stopped", "cancelled"];

/** @type {Wish} */
const NOTHING = { text: "", asReference: false, channel: "", outcome: "", day: null, onlyDay: false };

/**
 * @param {Api} api
 * @returns {() => void} stops it
 */
export function openDispatches(api) {
  /** @type {Wish} */
  const wish = { ...NOTHING, ...draft("find") };
  const typed = draft("find-typed") ?? wish.text;
  const [text, channel, outcome, day] = ["text", "channel", "outcome", "day"].map(
    (name) => /** @type {HTMLInputElement} */ (byId(`find-${name}`)),
  );
  /** @type {(() => void) | null} */
  let stopRows = null;
  let turn = 0;
  let began = today();

  /** Shows what is wished for now. */
  function show() {
    keepDraft("find", wish);
    began = today();
    fill();
    stopRows?.();
    stopRows = null;
    turn++;
    tell(byId("found-notice"), "");
    byId("found-empty").hidden = byId("found-news").hidden = byId("found-more").hidden = true;
    byId("found").replaceChildren();
    /** @type {Query} */
    const query = wish.asReference ? { kind: "reference", reference: wish.text } : read(wish.text, wish.channel);
    fault(query.kind === "fault" ? query.fault : "");
    byId("dispatches").classList.toggle("searching", query.kind !== "all");
    if (query.kind === "fault") return tell(byId("found-words"), "");
    if (query.kind === "id") return openById(query.id);
    tell(byId("found-words"), `${words(query, wish)} …`);
    const places = {
      rows: byId("found"),
      news: byId("found-news"),
      more: byId("found-more"),
      notice: byId("found-notice"),
    };
    stopRows = openRows(api, sources(query, wish), places, { drawn: (feed) => told(feed, query) }).stop;
  }

  /** Says what must be said beside the rows. @param {Feed} feed @param {Query} query */
  function told(feed, query) {
    if (wish.onlyDay && wish.day === null && began !== today()) return show(); // it follows today over midnight
    const none = feed.answered() && feed.rows().length === 0;
    if (feed.answered()) tell(byId("found-words"), words(query, wish));
    byId("found-more").textContent = query.kind === "reference" ? "Look through older ones" : "Show older ones";
    byId("found-empty").hidden = !none;
    if (!none) return;
    const other = h("button", { type: "button" }, "Look for it as your own reference");
    other.onclick = () => change({ asReference: true });
    const maybe = query.kind === "contacts" && !wish.channel && /^\d+$/.test(wish.text);
    byId("found-empty").replaceChildren(...empty(feed, query, wish), ...(maybe ? [" ", other] : []));
  }

  /** @param {string} id */
  async function openById(id) {
    const mine = turn;
    tell(byId("found-words"), "Looking for this id …");
    try {
      const found = await dispatchOf(api, id);
      if (mine !== turn) return;
      tell(byId("found-words"), "");
      if (!found)
        return fault(
          "No dispatch or message here has this id. Check that it is whole, or search by the customer’s number instead. Old dispatches are deleted after a while.",
        );
      wish.text = text.value = ""; // whoever comes back finds the list
      keepDraft("find", wish);
      keepDraft("find-typed", null);
      location.hash = `#/dispatches/${found}`;
    } catch (error) {
      if (mine !== turn) return;
      tell(byId("found-words"), "");
      fault(trouble(/** @type {ApiError} */ (error), "change"));
    }
  }

  /** Puts the wish into the fields. */
  function fill() {
    const chosen = wish.day ?? today();
    channel.replaceChildren(
      ...options([
        ["", "Any channel"],
        ...CHANNELS.map((name) => /** @type {[string, string]} */ ([name, channelName(name)])),
      ]),
    );
    channel.value = wish.channel;
    outcome.replaceChildren(
      ...options([
        ["", "Any outcome"],
        ...OUTCOMES.map((name) => /** @type {[string, string]} */ ([name, badge(name)])),
      ]),
    );
    outcome.value = wish.outcome;
    day.replaceChildren(
      ...options([
        ["", "Any day"],
        ["only", `Only ${nameOf(chosen)}`],
      ]),
    );
    day.value = wish.onlyDay ? "only" : "";
  }

  /** @param {string} sentence */
  function fault(sentence) {
    byId("find-error").textContent = sentence;
    if (sentence) text.setAttribute("aria-invalid", "true");
    else text.removeAttribute("aria-invalid");
    if (sentence) text.focus();
  }

  function asTyped() {
    const now = text.value.trim();
    return { text: now, asReference: wish.asReference && now === wish.text };
  }

  /** @param {Partial<Wish>} changed */
  function change(changed) {
    Object.assign(wish, changed);
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
    if (!text.value && wish.text) change({ text: "", asReference: false });
    else if (text.hasAttribute("aria-invalid")) fault("");
  };
  channel.onchange = () => change({ text: text.value.trim(), asReference: false, channel: channel.value });
  outcome.onchange = () => change({ ...asTyped(), outcome: outcome.value });
  day.onchange = () => change({ ...asTyped(), onlyDay: day.value === "only" });
  text.value = typed;
  byId("overview").hidden = false; // until now nothing would have listened to what is typed
  show();
  const stopDay = openDay(
    api,
    wish.day,
    (chosen) => change({ day: chosen, onlyDay: true }),
    (picked) => {
      change({ ...NOTHING, day: wish.day, outcome: picked, onlyDay: true });
      byId("found-words").scrollIntoView({ block: "nearest" });
      announce(words({ kind: "all" }, wish));
    },
  );
  return () => {
    turn++;
    stopRows?.();
    stopDay();
  };
}

/** The dispatch that an id names: its own (it ends in 00), one of its messages’, Vonage’s. Null if there is none. @param {Api} api @param {string} id */
async function dispatchOf(api, id) {
  for (const path of id.endsWith("00") ? ["dispatches", "messages"] : ["messages"]) {
    try {
      return /** @type {string} */ ((await api.get(`/v1/${path}/${encodeURIComponent(id)}`)).body.dispatch_uuid);
    } catch (error) {
      if (/** @type {ApiError} */ (error).status !== 404) throw error;
    }
  }
  return null;
}

/** @param {Query} query @param {Wish} wish @returns {Source[]} */
function sources(query, { outcome, day, onlyDay }) {
  const rest = { ...(outcome && { outcome }), ...(onlyDay && bounds(day ?? today())) };
  if (query.kind === "contacts") return query.contacts.map((contact) => ({ query: { ...contact, ...rest } }));
  if (query.kind === "reference")
    return [{ query: rest, only: ({ client_ref: reference }) => reference === query.reference }];
  return [{ query: rest }];
}

/** What is shown, in words. @param {Query} query @param {Wish} wish */
function words(query, { channel, outcome, day, onlyDay }) {
  const parts = [
    outcome ? `${badge(outcome)}:` : "",
    query.kind === "contacts"
      ? `dispatches to ${query.address} on ${channel ? channelName(channel) : "any channel"}`
      : "",
    query.kind === "reference" ? `dispatches with your reference “${query.reference}”` : "",
    query.kind === "all" ? "dispatches" : "",
    onlyDay ? `of ${nameOf(day ?? today())}` : "",
  ];
  const said = parts.filter(Boolean).join(" ");
  return `${said.charAt(0).toUpperCase()}${said.slice(1)}, newest first`;
}

/** @param {Feed} feed @param {Query} query @param {Wish} wish @returns {(Node | string)[]} */
function empty(feed, query, { channel, outcome, onlyDay }) {
  const narrowed = outcome || onlyDay || channel ? " Try any channel, outcome and day." : "";
  if (query.kind === "contacts")
    return [
      `Nothing was sent to ${query.address}${narrowed ? " that fits." : " yet."}${narrowed || (query.address.includes("@") ? " Check it for a typing error." : " Check the number and its country code.")}`,
    ];
  if (query.kind === "reference") {
    const looked = feed.more() ? `None of the newest ${feed.looked()} dispatches` : "No dispatch";
    return [`${looked} has the reference “${query.reference}” (the client_ref of its request).${narrowed}`];
  }
  if (outcome || onlyDay) return ["No dispatch fits. Choose another outcome, or any day."];
  return [
    "Nothing sent yet. ",
    h("a", { href: "#/" }, "Send a message"),
    ", here or through the API (",
    h("code", {}, "POST /v1/messages"),
    "): it appears in this list, and its timeline shows what happened to it.",
  ];
}

/** @param {[string, string][]} choices */
function options(choices) {
  return choices.map(([value, label]) => h("option", { value }, label));
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
