/**
 * The channels as the console shows them. Fields and limits come from tables.js; only the words are written here.
 * A channel or a field's limit that changes in the tables needs no change here. Pure data.
 */

import { own } from "../text/own.js";
import { capital } from "../text/words.js";
import { TABLES } from "./tables.js";

/** @typedef {{path: string, most?: number, choices?: string[], list?: boolean}} TableField   `most`: characters */
/** @typedef {{text: TableField | null, fields: TableField[]}} TableType */
/** @typedef {{to: string, reportsRead: boolean, window: number, serviceHours: number, types: Record<string, TableType>, options: TableField[]}} ChannelTable */

/**
 * @typedef {object} Field
 * @property {string} path   its name in the message, such as `image.url`, and in the API's errors
 * @property {string} label
 * @property {"line" | "lines" | "url" | "picture" | "choice"} kind
 * @property {number} [most]   characters
 * @property {string} [example]
 * @property {string} [hint]
 * @property {[value: string, label: string][]} [choices]
 */

/**
 * @typedef {object} MessageType
 * @property {string} type
 * @property {string} name
 * @property {string | null} textPath   the field that takes the message's text; null if it has none
 * @property {number} [most]   characters of that text
 * @property {Field[]} fields   the fields beside the text
 */

/** @typedef {{example: string, hint: string}} Address */

/**
 * @typedef {object} FormChannel
 * @property {string} name
 * @property {string} carrier   who delivers the message to the phone
 * @property {boolean} reads   it reports whether a message was read
 * @property {string} window   the default window of its messages, in seconds
 * @property {number} serviceHours   so long after a customer's message it takes more than templates; 0 for ever
 * @property {Address & {keyboard: string}} to
 * @property {Address} from
 * @property {[MessageType, ...MessageType[]]} types   the first is preselected
 * @property {Field[]} options   optional fields of each of its messages
 */

/** @typedef {{name?: string, carrier?: string, from?: Address, to?: Address}} Words */

/** @type {Record<string, Words>} */
const WORDS = {
  sms: { name: "SMS", from: { example: "BAKERY", hint: "Your number, or a name of up to 11 letters." } },
  mms: { name: "MMS", from: { example: "15005550100", hint: "Your number." } },
  rcs: { name: "RCS", from: { example: "Bakery", hint: "Your RCS sender ID." } },
  whatsapp: {
    name: "WhatsApp",
    carrier: "WhatsApp",
    from: { example: "447700900100", hint: "Your WhatsApp business number." },
  },
  viber_service: { name: "Viber", carrier: "Viber", from: { example: "12345", hint: "Your Viber service ID." } },
  messenger: {
    name: "Messenger",
    carrier: "Messenger",
    to: { example: "1234567890123456", hint: "The customer’s ID for your Facebook page." },
    from: { example: "9876543210987654", hint: "The ID of your Facebook page." },
  },
  email: {
    name: "Email",
    carrier: "the mail server",
    from: {
      example: "Bakery <shop@example.com>",
      hint: "Your address, optionally after a name: Bakery <shop@example.com>.",
    },
  },
};

/** What an address of each kind looks like. @type {Record<string, Address & {keyboard: string}>} */
const ADDRESSES = {
  number: { example: "447700900001", hint: "With country code, unless Settings has a usual country.", keyboard: "tel" },
  email: { example: "ann@example.com", hint: "The customer’s email address.", keyboard: "email" },
  id: { example: "", hint: "The customer’s ID on this channel.", keyboard: "text" },
};

const TYPE_NAMES = new Map([
  ["text", "Text"],
  ["image", "Picture"],
  ["file", "File"],
  ["template", "Template"],
]);

/** The form offers the fields that have words here, by their path or the last part of it. @type {Record<string, Omit<Field, "path" | "kind">>} */
const FIELD_WORDS = {
  "image.url": { label: "Picture URL", example: "https://bakery.example/cupcakes.jpg" },
  "file.url": { label: "File URL", example: "https://bakery.example/menu.pdf" },
  "file.name": { label: "File name", example: "menu.pdf" },
  "template.name": { label: "Template name", example: "order_ready", hint: "As approved by Meta." },
  "template.parameters": { label: "Values", hint: "For {{1}}, {{2}} …, one per line." },
  locale: { label: "Language", example: "en_GB" },
  subject: { label: "Subject", example: "Your cupcakes are ready" },
  category: { label: "Category" },
  tag: {
    label: "Tag",
    example: "CONFIRMED_EVENT_UPDATE",
    hint: "Required more than 24 hours after the customer’s last message.",
  },
};

const CHANNELS = new Map(Object.keys(TABLES).map((channel) => [channel, described(channel)]));

/** The API's names of all channels. */
export const CHANNEL_LIST = [...CHANNELS.keys()];

/** The channels by what identifies a customer there: a phone number, an email address, or an ID. */
export const NUMBER_CHANNELS = CHANNEL_LIST.filter((channel) => TABLES[channel]?.to === "number");
export const EMAIL_CHANNELS = CHANNEL_LIST.filter((channel) => TABLES[channel]?.to === "email");
export const ID_CHANNELS = CHANNEL_LIST.filter((channel) => TABLES[channel]?.to === "id");

/** The channel of this name; an unknown one is shown under its own name. @param {string} channel */
export function channelOf(channel) {
  return CHANNELS.get(channel) ?? described(channel);
}

/** @param {string} channel */
export function channelName(channel) {
  return channelOf(channel).name;
}

/** The message type of this name; the channel's first one if it has none of this name. @param {string} channel @param {string} type */
export function messageType(channel, type) {
  const { types } = channelOf(channel);
  return types.find((one) => one.type === type) ?? types[0];
}

/** @param {string} channel @returns {FormChannel} */
function described(channel) {
  const table = own(TABLES, channel);
  const { name = capital(channel.replaceAll("_", " ")), carrier = "the carrier", ...words } = own(WORDS, channel) ?? {};
  const address = own(ADDRESSES, table?.to ?? "") ?? { example: "", hint: "", keyboard: "text" };
  const [first, ...others] = Object.entries(table?.types ?? {}).map(typeOf);
  return {
    name,
    carrier,
    reads: table?.reportsRead ?? false,
    window: String(table?.window ?? 60),
    serviceHours: table?.serviceHours ?? 0,
    to: { ...address, ...words.to },
    from: words.from ?? { example: "", hint: `Your number or name on ${name}.` },
    types: [first ?? { type: "text", name: "Text", textPath: "text", fields: [] }, ...others],
    options: (table?.options ?? []).flatMap(fieldOf),
  };
}

/** @param {[string, TableType]} entry @returns {MessageType} */
function typeOf([type, { text, fields }]) {
  return {
    type,
    name: TYPE_NAMES.get(type) ?? capital(type),
    textPath: text?.path ?? null,
    most: text?.most,
    fields: fields.flatMap(fieldOf),
  };
}

/** @param {TableField} field @returns {Field[]} none if there are no words for it */
function fieldOf({ path, most, choices, list }) {
  const last = path.split(".").at(-1) ?? path;
  const words = FIELD_WORDS[path] ?? FIELD_WORDS[last];
  if (!words) return [];
  const kind = choices ? "choice" : list ? "lines" : path === "image.url" ? "picture" : last === "url" ? "url" : "line";
  return [{ path, kind, most, ...words, choices: choices && choicesOf(choices) }];
}

/** @param {string[]} choices @returns {[value: string, label: string][]} */
function choicesOf(choices) {
  return [
    ["", "none"],
    ...choices.map((value) => /** @type {[string, string]} */ ([value, value.replace(/[-_]/g, " ")])),
  ];
}
