/** What the list of messages shows, to and from its URL. Pure: no element, no request. */

import { channelName } from "../channels/channels.js";
import { capital, outcomeBadge } from "../text/words.js";
import { bounds, dayName, shortDay, today } from "../time/days.js";
import { isPlanned } from "./row_words.js";

/** @import { Contact, DispatchSummary } from "#api" */
/** @import { ListQuery, Source } from "./feed.js" */
/** @import { Query } from "./query.js" */

/**
 * @typedef {object} Filter   empty values do not narrow
 * @property {string} q   the name of what is searched for; never the text itself
 * @property {string} as   "reference": the text is the client's own reference, whatever it looks like
 * @property {string} channel
 * @property {string} outcome   of OUTCOMES
 * @property {string} from   the first day, as 2026-11-23
 * @property {string} to   the last day
 * @property {string} client   the name of the client that sent it
 * @property {string} only   of ONLY
 */

export const OUTCOMES = /** @type {const} */ (["open", "planned", "succeeded", "exhausted", "stopped", "cancelled"]);
/** What the API does not filter by. @type {Record<string, string>} */
export const ONLY = { late: "delivered late", fallback: "used a fallback" };

const NAMES = /** @type {const} */ (["q", "as", "channel", "outcome", "from", "to", "client", "only"]);
const DAY = /^\d{4}-\d\d-\d\d$/;

/** @param {URLSearchParams} query @returns {Filter} */
export function filterOf(query) {
  const [q = "", as = "", channel = "", outcome = "", from = "", to = "", client = "", only = ""] = NAMES.map(
    (name) => query.get(name) ?? "",
  );
  return {
    q,
    as: as === "reference" ? as : "",
    channel,
    outcome: OUTCOMES.some((one) => one === outcome) ? outcome : "",
    from: DAY.test(from) ? from : "",
    to: DAY.test(to) ? to : "",
    client,
    only: Object.hasOwn(ONLY, only) ? only : "",
  };
}

/** Whether it shows one day only. @param {Filter} filter */
export function isOneDay({ from, to }) {
  return from !== "" && from === to;
}

/** @param {string} outcome   of OUTCOMES */
export function outcomeName(outcome) {
  return outcomeBadge(outcome).text;
}

/**
 * The API finds everything for a customer. A chosen channel narrows it to the messages for that address.
 * @param {Query} query @param {Filter} filter @returns {Source[]}
 */
export function sourcesOf(query, filter) {
  const { channel, outcome, from, to, client, only } = filter;
  const asked = outcome === "planned" ? "open" : outcome;
  const rest = /** @type {ListQuery} */ ({
    ...(asked && { outcome: asked }),
    ...(from && { since: bounds(from).since }),
    ...(to && { before: bounds(to).before }),
  });
  /** @type {((dispatch: DispatchSummary) => boolean)[]} */
  const tests = [];
  if (asked === "open") tests.push((dispatch) => isPlanned(dispatch) === (outcome === "planned"));
  if (client) tests.push((dispatch) => dispatch.client_name === client);
  if (only === "late") tests.push((dispatch) => dispatch.late);
  if (only === "fallback") tests.push((dispatch) => dispatch.steps_sent > 1);
  if (channel && query.kind !== "contacts")
    tests.push(({ to: contacts }) => contacts.some((one) => one.channel === channel));
  if (query.kind === "reference") tests.push(({ client_ref: reference }) => isPartOf(query.reference, reference ?? ""));
  const all = (/** @type {DispatchSummary} */ dispatch) => tests.every((test) => test(dispatch));
  if (query.kind === "contacts") {
    return query.contacts.map((contact) => ({
      query: { ...contact, ...rest },
      ...((channel || tests.length) && {
        only: (dispatch) => all(dispatch) && (!channel || dispatch.to.some((one) => isSame(one, contact))),
      }),
    }));
  }
  return [{ query: rest, ...(tests.length && { only: all }) }];
}

/** @param {string} part @param {string} whole */
function isPartOf(part, whole) {
  return whole.toLowerCase().includes(part.toLowerCase());
}

/** @param {Contact} one @param {Contact} other */
function isSame(one, other) {
  return one.channel === other.channel && one.address.toLowerCase() === other.address.toLowerCase();
}

/** The list's heading. @param {Query} query @param {Filter} filter */
export function wordsOf(query, filter) {
  const { channel, outcome, from, to, client, only } = filter;
  const parts = [
    outcome ? `${outcomeName(outcome)}:` : "",
    query.kind === "contacts"
      ? `messages to ${query.address} on ${channel ? channelName(channel) : "any channel"}`
      : "",
    query.kind === "reference" ? `messages with the reference “${query.reference}”` : "",
    query.kind === "all" ? `messages${channel ? ` on ${channelName(channel)}` : ""}` : "",
    only ? `that ${only === "late" ? "were delivered late" : "used a fallback"}` : "",
    client ? `sent by ${client}` : "",
    isOneDay(filter) ? `from ${nameOfDay(from)}` : from ? `since ${nameOfDay(from)}` : "",
    to && !isOneDay(filter) ? `until ${nameOfDay(to)}` : "",
  ];
  return `${capital(parts.filter(Boolean).join(" "))}, newest first`;
}

/** In a sentence: "today", "20 Nov" @param {string} day */
export function nameOfDay(day) {
  const name = dayName(day);
  return name === "Today" || name === "Yesterday" ? name.toLowerCase() : shortDay(day);
}

/** The day whose figures are shown: the one that the list is of, or today. @param {Filter} filter */
export function dayOf(filter) {
  return isOneDay(filter) ? filter.from : today();
}
