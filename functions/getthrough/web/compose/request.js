/** Turns a draft into a request of the API, and finds the form's field for a name in the API's errors. Pure. */

import { channelOf, messageType } from "../channels/channels.js";
import { cronOf, DAYS } from "../time/recurrence.js";

/** @import { Repeat } from "../time/recurrence.js" */

/**
 * @typedef {object} WholeForm   the fields that belong to the whole form, by their names
 * @property {string} text
 * @property {string} when   now, at or repeat
 * @property {string} send_at
 * @property {string} every
 * @property {string} time
 * @property {string[]} weekdays
 * @property {string} month_day
 * @property {string} cron
 * @property {string} ends_at
 * @property {string} max_runs
 * @property {boolean} quiet
 * @property {string} client_ref
 * @property {string} on_unknown
 * @property {string} through   the condition of the last message
 * @property {string} give_up
 * @property {string} give_up_unit   seconds in it
 */

/** @typedef {Record<"quiet_hours.from" | "quiet_hours.to" | "quiet_hours.then" | "quiet_hours.time_zone", string>} QuietTexts */
/** @typedef {WholeForm & QuietTexts & {"quiet_hours.days": string[]}} Values */

/**
 * @typedef {object} ContactFields
 * @property {string} channel
 * @property {string} message_type
 * @property {string} to
 * @property {string} from
 * @property {boolean} own   it has its own text
 * @property {string} [text]
 * @property {boolean} urgent
 * @property {string} condition_status
 * @property {string} expiry_time
 * @property {string} unit   seconds in it
 */

/** The fields of one contact; those of its channel are named by their paths. @typedef {ContactFields & {[path: string]: string | boolean | undefined}} Contact */

/** @typedef {{values: Values, contacts: Contact[]}} Draft */
/** @typedef {{path: "/v1/messages" | "/v1/schedules", body: Record<string, unknown>}} Request */

/** Seconds until the last message counts as not delivered, unless the form says otherwise. */
export const LAST_WINDOW = 72 * 3600;

/**
 * Empty fields are left out, so that the API reports them.
 * @param {Draft} draft @param {string} zone   the browser's @param {string | null} [country]   of numbers without a country code
 * @returns {Request}
 */
export function requestOf(draft, zone, country) {
  const { values } = draft;
  const message = { ...messageOf(draft), ...(country && { default_country: country }) };
  if (values.when === "at") {
    return { path: "/v1/messages", body: { ...message, send_at: values.send_at, time_zone: zone } };
  }
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

/** @param {Values} values @returns {Repeat} */
export function repeatOf(values) {
  return {
    every: values.every,
    time: values.time,
    days: values.weekdays,
    monthDay: values.month_day,
    cron: values.cron,
  };
}

/** @param {Draft} draft @returns {Record<string, unknown>} */
function messageOf(draft) {
  const { values, contacts } = draft;
  const [first, ...failover] = contacts.map((contact, index) => ({
    ...stepOf(draft, contact),
    ...(index < contacts.length - 1 ? windowOf(contact) : lastWindowOf(values)),
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

/** The message for one contact. @param {Draft} draft @param {Contact} contact */
function stepOf({ values }, contact) {
  const { type, textPath, fields } = messageType(contact.channel, contact.message_type);
  /** @type {Record<string, unknown>} */
  const message = { channel: contact.channel, message_type: type };
  put(message, "to", contact.to.trim());
  put(message, "from", contact.from.trim());
  if (textPath) put(message, textPath, textOf(values, contact));
  for (const { path, kind } of fields) {
    const value = typed(contact, path);
    put(message, path, kind === "lines" ? lines(value) : value.trim(), true);
  }
  for (const { path } of channelOf(contact.channel).options) put(message, path, typed(contact, path).trim());
  return message;
}

/** The text sent to a contact: the shared one, its own, or none if its type has none. @param {Values} values @param {Contact} contact */
export function textOf(values, contact) {
  if (!messageType(contact.channel, contact.message_type).textPath) return "";
  return contact.own ? (contact.text ?? "") : values.text;
}

/** @param {Contact} contact @param {string} path */
function typed(contact, path) {
  const value = contact[path];
  return typeof value === "string" ? value : "";
}

/**
 * Puts a value at a path such as `image.url`. Without a value it puts nothing, or an empty object if the field is needed.
 * @param {Record<string, unknown>} message @param {string} path @param {string | string[]} value @param {boolean} [needed]
 */
function put(message, path, value, needed = false) {
  const given = value.length > 0;
  const [name = path, inner] = path.split(".");
  if (!inner) {
    if (given) message[name] = value;
  } else if (given || needed) {
    message[name] = { .../** @type {object | undefined} */ (message[name]), ...(given && { [inner]: value }) };
  }
}

/** @param {string} text */
function lines(text) {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/** @param {string} amount @param {string} unit   seconds in it; null if there is no number */
export function secondsOf(amount, unit) {
  return amount === "" || Number.isNaN(Number(amount)) ? null : Number(amount) * Number(unit);
}

/** @param {Contact} contact */
function windowOf({ expiry_time: amount, unit, condition_status: condition }) {
  return { expiry_time: secondsOf(amount, unit), condition_status: condition };
}

/** @param {Values} values */
function lastWindowOf(values) {
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
 * The field that a name in the API's errors is about, such as `message.failover[0].image.url`, and the contact's index.
 * @param {string} name @param {Draft} draft @returns {{contact: number | null, field: string}}
 */
export function placeOf(name, { values, contacts }) {
  const [, number, field = name] = /^(?:message\.)?(?:failover\[(\d+)\]\.)?(.*)$/.exec(name) ?? [];
  if (number === undefined && (FORM_FIELDS.has(field) || field.startsWith("quiet_hours"))) {
    const missing = values.when === "repeat" && (field === "send_at" || field === "cron");
    return {
      contact: null,
      field: missing ? missingOf(values) : field === "quiet_hours" ? "quiet_hours.from" : field,
    };
  }
  const index = number === undefined ? 0 : Number(number) + 1;
  if (index === contacts.length - 1 && field === "expiry_time") return { contact: null, field: "give_up" };
  if (index === contacts.length - 1 && field === "condition_status") return { contact: null, field: "through" };
  const contact = contacts[index];
  const textPath = contact && messageType(contact.channel, contact.message_type).textPath;
  return { contact: index, field: field === textPath ? "text" : field };
}

const FORM_FIELDS = new Set(["send_at", "cron", "time_zone", "max_runs", "ends_at", "client_ref", "on_unknown"]);

/** The field that a schedule without times lacks. @param {Values} values */
function missingOf({ every, time }) {
  if (every === "cron") return "cron";
  return time ? "weekdays" : "time";
}
