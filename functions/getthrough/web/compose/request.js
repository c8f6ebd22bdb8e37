/** What was typed, made into a request of the API; and where in the form a name is that the API answers with. Pure. */

import { FIELDS, typeOf } from "../channels/fields.js";
import { cronOf, DAYS } from "../time/recurrence.js";

/**
 * @typedef {Record<string, any>} Values   what stands in fields, by their names: texts, booleans of check boxes, lists of groups of them
 * @typedef {{values: Values, contacts: Values[]}} Draft
 * @typedef {{path: string, body: Record<string, any>}} Request
 */

/** Seconds for which the last message is waited for, if nothing is said of it. */
export const LAST_WINDOW = 72 * 3600;

/** What was left empty is left out, so that the API names it. @param {Draft} draft @param {string} zone   the browser's @returns {Request} */
export function requestOf(draft, zone) {
  const { values } = draft;
  const message = messageOf(draft);
  if (values.when === "at")
    return { path: "/v1/messages", body: { ...message, send_at: values.send_at, time_zone: zone } };
  if (values.when !== "repeat") return { path: "/v1/messages", body: message };
  const cron = cronOf(repeatOf(values));
  return {
    path: "/v1/schedules",
    body: {
      message,
      ...(cron && { cron }),
      time_zone: zone,
      ...(values.max_runs && { max_runs: Number(values.max_runs) }),
      ...(values.ends_at && { ends_at: `${dayAfter(values.ends_at)}T00:00` }),
    },
  };
}

/** @param {Values} values @returns {import("../time/recurrence.js").Repeat} */
export function repeatOf(values) {
  return {
    every: values.every,
    time: values.time,
    days: values.weekdays,
    monthDay: values.month_day,
    cron: values.cron,
  };
}

/** @param {Draft} draft */
function messageOf(draft) {
  const { values, contacts } = draft;
  const [first, ...failover] = contacts.map((contact, index) => ({
    ...saidOn(draft, index),
    ...(index < contacts.length - 1 ? windowOf(contact) : lastWindowOf(draft)),
    ...(values.quiet && contact.urgent && { urgent: true }),
  }));
  return {
    ...first,
    ...(values.client_ref && { client_ref: values.client_ref }),
    ...(failover.length > 0 && { failover }),
    ...(values.quiet && { quiet_hours: quietOf(values) }),
    ...(values.on_unknown && { on_unknown: values.on_unknown }),
  };
}

/** The message of one contact. @param {Draft} draft @param {number} index */
function saidOn(draft, index) {
  const contact = draft.contacts[index];
  const [messageType, type] = typeOf(contact.channel, contact.message_type);
  /** @type {Record<string, any>} */
  const message = { channel: contact.channel, message_type: messageType };
  put(message, "to", contact.to.trim());
  put(message, "from", contact.from.trim());
  if (type.says) put(message, type.says, textOf(draft, index));
  for (const { path, kind } of type.fields)
    put(message, path, kind === "lines" ? lines(contact[path]) : contact[path]?.trim(), true);
  for (const { path } of FIELDS[contact.channel].options) put(message, path, contact[path]?.trim());
  return message;
}

/** What a contact is told: the text of all, its own, or none where its type has none. @param {Draft} draft @param {number} index @returns {string} */
export function textOf({ values, contacts }, index) {
  const contact = contacts[index];
  if (!typeOf(contact.channel, contact.message_type)[1].says) return "";
  return contact.own ? (contact.text ?? "") : values.text;
}

/**
 * Puts a value at a path such as `image.url`; nothing where there is none, or only what it would stand in.
 * @param {Record<string, any>} message @param {string} path @param {string | string[] | undefined} value @param {boolean} [needed]
 */
function put(message, path, value, needed = false) {
  const given = value !== undefined && value.length > 0;
  const [name, inner] = path.split(".");
  if (inner && (given || needed)) message[name] = { ...message[name], ...(given && { [inner]: value }) };
  else if (given) message[name] = value;
}

/** @param {string | undefined} text */
function lines(text) {
  return (text ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/** @param {string} amount @param {string} unit   seconds in it; null if there is no number */
export function secondsOf(amount, unit) {
  return amount === "" || Number.isNaN(Number(amount)) ? null : Number(amount) * Number(unit);
}

/** @param {Values} contact */
function windowOf({ expiry_time: amount, unit, condition_status: condition }) {
  return { expiry_time: secondsOf(amount, unit), condition_status: condition };
}

/** @param {Draft} draft */
function lastWindowOf({ values }) {
  const seconds = secondsOf(values.give_up, values.give_up_unit);
  return {
    ...(seconds !== null && seconds !== LAST_WINDOW && { expiry_time: seconds }),
    ...(values.through !== "delivered" && { condition_status: values.through }),
  };
}

/** @param {Values} values */
function quietOf(values) {
  const days = values["quiet_hours.days"];
  return {
    from: values["quiet_hours.from"],
    to: values["quiet_hours.to"],
    ...(days.length < DAYS.length && { days }),
    ...(values["quiet_hours.then"] === "skip" && { then: "skip" }),
    time_zone: values["quiet_hours.time_zone"].trim(),
  };
}

/** @param {string} date "2026-12-24" */
function dayAfter(date) {
  return new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);
}

/**
 * Where in the form that is which the API names, such as `message.failover[0].image.url`: the field, and whose it is.
 * @param {string} name @param {Draft} draft @returns {{contact: number | null, field: string}}
 */
export function placeOf(name, { values, contacts }) {
  const [, number, field] = /^(?:message\.)?(?:failover\[(\d+)\]\.)?(.*)$/.exec(name) ?? [];
  if (number === undefined && (OF_THE_WHOLE.has(field) || field.startsWith("quiet_hours"))) {
    const missing = values.when === "repeat" && (field === "send_at" || field === "cron");
    return { contact: null, field: missing ? missingOf(values) : field === "quiet_hours" ? "quiet_hours.from" : field };
  }
  const contact = number === undefined ? 0 : Number(number) + 1;
  if (contact === contacts.length - 1 && field === "expiry_time") return { contact: null, field: "give_up" };
  if (contact === contacts.length - 1 && field === "condition_status") return { contact: null, field: "through" };
  const said = contacts[contact] && typeOf(contacts[contact].channel, contacts[contact].message_type)[1].says;
  return { contact, field: field === said ? "text" : field };
}

const OF_THE_WHOLE = new Set(["send_at", "cron", "time_zone", "max_runs", "ends_at", "client_ref", "on_unknown"]);

/** What a schedule without times lacks. @param {Values} values */
function missingOf({ every, time }) {
  if (every === "cron") return "cron";
  return time ? "weekdays" : "time";
}
