/** The form of a batch as a request, with what is wrong with it. Pure. */

import { channelName } from "../channels/channels.js";
import { plainNumber } from "../dispatches/query.js";
import { own } from "../text/own.js";
import { segmentsOf } from "../text/sms_segments.js";
import { duration } from "../text/words.js";
import { count } from "./batch_words.js";
import { lineOf, missingVariables, parseList, textFor } from "./recipient_list.js";

/** @import { Usual } from "../dispatches/query.js" */
/** @import { Day } from "#api" */
/** @import { PastedRecipient } from "./recipient_list.js" */

/**
 * @typedef {object} BatchDraft
 * @property {string} text
 * @property {string} channel
 * @property {string} from
 * @property {boolean} again   with a second channel
 * @property {string} channel2
 * @property {string} from2
 * @property {string} minutes   until the second one
 * @property {string} list
 * @property {string} columns
 * @property {string} rate
 * @property {string} sendAt   local time; empty for now
 */

/** @typedef {{channel: string, message_type: string, from: string | undefined, text: string | undefined}} MessageOfBatch */
/** @typedef {MessageOfBatch & {expiry_time?: number | undefined, failover?: MessageOfBatch[]}} BatchMessage */

/** @type {BatchDraft} */
export const EMPTY = {
  text: "",
  channel: "sms",
  from: "",
  again: false,
  channel2: "whatsapp",
  from2: "",
  minutes: "10",
  list: "",
  columns: "number, name",
  rate: "10",
  sendAt: "",
};

/**
 * Empty fields are left out, so that the API reports them.
 * @param {BatchDraft} draft @param {string} zone   the browser's @param {Usual} [usual]   for numbers without a country code
 */
export function batchOf(draft, zone, usual) {
  const text = draft.text || undefined;
  const step = (/** @type {string} */ channel, /** @type {string} */ from) => ({
    channel,
    message_type: "text",
    from: from.trim() || undefined,
    text,
  });
  const minutes = Number(draft.minutes);
  const first = step(draft.channel, draft.from);
  /** @type {BatchMessage} */
  const message = draft.again
    ? { ...first, expiry_time: minutes > 0 ? minutes * 60 : undefined, failover: [step(draft.channel2, draft.from2)] }
    : first;
  const list = parseList(draft.list, draft.columns, usual);
  const body = {
    message,
    recipients: list.recipients,
    rate: Number(draft.rate) || undefined,
    ...(usual?.default_country && { default_country: usual.default_country }),
    ...(draft.sendAt && { send_at: draft.sendAt, time_zone: zone }),
  };
  return { body, problems: [...missingVariables(list, draft.text), ...list.problems] };
}

/** What a message still lacks: "There is no message.", "SMS has no sender." @param {BatchMessage} message */
export function missingParts(message) {
  const lacking = [message, ...(message.failover ?? [])].filter(({ from }) => !from);
  return [
    ...(message.text ? [] : ["There is no message."]),
    ...lacking.map(({ channel }) => `${channelName(channel)} has no sender.`),
  ];
}

/** "SMS to 3 recipients, all sent in about 1 s. WhatsApp to each who has not got it within 10 min." @param {{message: BatchMessage, recipients: PastedRecipient[], rate: number | undefined}} body */
export function planWords({ message, recipients, rate }) {
  if (!recipients.length) return "Paste a list of recipients to see a preview.";
  const [second] = message.failover ?? [];
  const time = rate ? `, all sent in about ${duration(Math.max(1, recipients.length / rate))}` : "";
  const within = message.expiry_time ? ` within ${duration(message.expiry_time)}` : " in time";
  const then = second ? ` ${channelName(second.channel)} to each who has not got it${within}.` : "";
  return `${channelName(message.channel)} to ${count(recipients.length, "recipient")}${time}.${then}`;
}

/** SMS segments of the first step for all recipients; null if a text can't be filled in here, or it is no SMS. @param {{message: BatchMessage, recipients: PastedRecipient[]}} body */
export function segmentsInAll({ message, recipients }) {
  if (message.channel !== "sms" || !message.text) return null;
  let sum = 0;
  for (const recipient of recipients) {
    const text = textFor(message.text, recipient);
    if (text === null) return null;
    sum += segmentsOf(text).segments;
  }
  return sum;
}

/** "About EUR 0.67, by what a message cost today." Empty without a price in one currency. @param {Day | null} day @param {number} messages */
export function priceWords(day, messages) {
  const [cost, other] = day?.cost ?? [];
  if (!day || !cost || other || !day.messages_sent) return "";
  const each = Number(cost.price) / day.messages_sent;
  return each > 0
    ? `About ${cost.currency} ${(each * messages).toFixed(2)}, by what a message cost on average today.`
    : "";
}

/** The list without the lines that repeat an earlier one, or null if none does. @param {string} list @param {Usual} [usual] */
export function withoutDuplicates(list, usual) {
  const seen = new Set();
  const kept = list.split("\n").filter((line) => {
    const same = line.replace(/^[^,;\t]*/, (number) => plainNumber(number, usual)).replace(/\s+/g, "");
    if (same && seen.has(same)) return false;
    seen.add(same);
    return true;
  });
  const shorter = kept.join("\n");
  return shorter === list ? null : shorter;
}

/** The fields that the API's names are about. @type {Record<string, keyof BatchDraft>} */
const FIELDS = {
  "message.channel": "channel",
  "message.from": "from",
  "message.text": "text",
  "message.expiry_time": "minutes",
  "message.failover[0].channel": "channel2",
  "message.failover[0].from": "from2",
  "message.failover[0].text": "text",
  recipients: "list",
  rate: "rate",
  send_at: "sendAt",
};

/**
 * What the API does not accept, as sentences: at the fields that they are about, and the others. `line` is the first line
 * of the list that is wrong.
 * @typedef {{at: Partial<Record<keyof BatchDraft, string[]>>, others: string[], line: number | null}} Faults
 */

/** @param {{name: string, reason: string}[]} violations @param {string} list   as it was sent @param {{to: string}[]} recipients @returns {Faults} */
export function faultsOf(violations, list, recipients) {
  /** @type {Faults} */
  const faults = { at: {}, others: [], line: null };
  for (const { name, reason } of violations) {
    const said = reason.replace(/recipients\[(\d+)\]/g, (place, of) => recipients[of]?.to ?? place);
    const index = /^recipients\[(\d+)\]/.exec(name)?.[1];
    if (index !== undefined) faults.line ??= lineOf(list, Number(index));
    const field = index === undefined ? own(FIELDS, name) : "list";
    const sentence = `${placeOf(name, recipients)} ${said}`;
    if (field) faults.at[field] = [...(faults.at[field] ?? []), sentence];
    else faults.others.push(sentence);
  }
  return faults;
}

/** "recipients[1].to" is the number of 447700900002. @param {string} name @param {{to: string}[]} recipients */
function placeOf(name, recipients) {
  const [, index, rest] = /^recipients\[(\d+)\]\.?(.*)$/.exec(name) ?? [];
  if (index !== undefined)
    return `${recipients[Number(index)]?.to ?? name}: ${rest?.replace(/^variables\./, "")}`.trim();
  return name.replace(
    /^message\.(failover\[0\]\.)?(\w+)$/,
    (_, second, part) => `“${part}”${second ? " of the second channel" : ""}`,
  );
}
