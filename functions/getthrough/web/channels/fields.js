/** What one can say on each channel, for the form: fields, examples, limits. From docs/channels.md, as far as a shop needs it. Pure data. */

/**
 * @typedef {object} Field
 * @property {string} path   its name in the message, such as `image.url`, and in what the API says of it
 * @property {string} label
 * @property {"line" | "lines" | "url" | "picture" | "choice"} kind
 * @property {number} [most]   characters
 * @property {string} [example]
 * @property {string} [hint]
 * @property {[value: string, name: string][]} [choices]
 */

/**
 * @typedef {object} Type
 * @property {string} name
 * @property {string | null} says   where the message's text goes; null if it has none
 * @property {number} [most]   characters of that text
 * @property {Field[]} fields   those beside the text
 */

/**
 * @typedef {object} ChannelFields
 * @property {string} to   an example
 * @property {string} from   an example
 * @property {string} toHint
 * @property {string} fromHint
 * @property {Record<string, Type>} types   the first is what one starts with
 * @property {Field[]} options   of each of its messages, none of them needed
 */

const NUMBER_HINT = "With country code.";

/** @param {"image" | "file"} what @param {Partial<Field>} [more] @returns {Field} */
function link(what, more) {
  return what === "image"
    ? {
        path: "image.url",
        label: "Address of the picture",
        kind: "picture",
        example: "https://bakery.example/cupcakes.jpg",
        ...more,
      }
    : {
        path: "file.url",
        label: "Address of the file",
        kind: "url",
        example: "https://bakery.example/menu.pdf",
        ...more,
      };
}

/** @param {number} [most] @returns {Field} */
function fileName(most) {
  return { path: "file.name", label: "Name of the file", kind: "line", example: "menu.pdf", most };
}

/** @param {number} [most] @returns {Type} */
function text(most) {
  return { name: "Text", says: "text", most, fields: [] };
}

/** @type {Record<string, ChannelFields>} */
export const FIELDS = {
  sms: {
    to: "447700900001",
    from: "BAKERY",
    toHint: NUMBER_HINT,
    fromHint: "Your number, or a name of up to 11 letters.",
    types: { text: text(3200) },
    options: [],
  },
  whatsapp: {
    to: "447700900001",
    from: "447700900100",
    toHint: NUMBER_HINT,
    fromHint: "Your WhatsApp business number.",
    types: {
      text: text(4096),
      image: { name: "Picture", says: "image.caption", most: 3000, fields: [link("image")] },
      file: { name: "File", says: "file.caption", fields: [link("file"), fileName()] },
      template: {
        name: "Template",
        says: null,
        fields: [
          {
            path: "template.name",
            label: "Name of the template",
            kind: "line",
            example: "order_ready",
            hint: "As Meta approved it.",
          },
          { path: "whatsapp.locale", label: "Language", kind: "line", example: "en_GB" },
          {
            path: "template.parameters",
            label: "Values",
            kind: "lines",
            hint: "What stands for {{1}}, {{2}} …: one a line.",
          },
        ],
      },
    },
    options: [],
  },
  rcs: {
    to: "447700900001",
    from: "Bakery",
    toHint: NUMBER_HINT,
    fromHint: "Your RCS sender id.",
    types: {
      text: text(3072),
      image: { name: "Picture", says: null, fields: [link("image")] },
      file: { name: "File", says: null, fields: [link("file")] },
    },
    options: [
      {
        path: "rcs.category",
        label: "Category",
        kind: "choice",
        choices: [
          ["", "not said"],
          ["transaction", "transaction"],
          ["service-request", "service request"],
          ["acknowledgement", "acknowledgement"],
          ["authentication", "authentication"],
          ["promotion", "promotion"],
        ],
      },
    ],
  },
  viber_service: {
    to: "447700900001",
    from: "12345",
    toHint: NUMBER_HINT,
    fromHint: "Your Viber service id.",
    types: {
      text: text(1000),
      image: { name: "Picture", says: "image.caption", fields: [link("image")] },
      file: { name: "File", says: null, fields: [link("file"), fileName(25)] },
    },
    options: [
      {
        path: "viber_service.category",
        label: "Category",
        kind: "choice",
        choices: [
          ["", "not said"],
          ["transaction", "transaction"],
          ["promotion", "promotion"],
        ],
      },
    ],
  },
  messenger: {
    to: "1234567890123456",
    from: "9876543210987654",
    toHint: "The customer’s id for your Facebook page.",
    fromHint: "The id of your Facebook page.",
    types: {
      text: text(640),
      image: { name: "Picture", says: null, fields: [link("image")] },
      file: { name: "File", says: null, fields: [link("file")] },
    },
    options: [
      {
        path: "messenger.category",
        label: "Category",
        kind: "choice",
        choices: [
          ["", "not said"],
          ["response", "response"],
          ["update", "update"],
          ["message_tag", "with a tag"],
        ],
      },
      {
        path: "messenger.tag",
        label: "Tag",
        kind: "line",
        example: "CONFIRMED_EVENT_UPDATE",
        hint: "Needed more than 24 hours after the customer wrote.",
      },
    ],
  },
  mms: {
    to: "15005550001",
    from: "15005550100",
    toHint: NUMBER_HINT,
    fromHint: "Your number.",
    types: {
      text: text(),
      image: { name: "Picture", says: "image.caption", most: 3000, fields: [link("image")] },
      file: { name: "File", says: "file.caption", most: 3000, fields: [link("file")] },
    },
    options: [],
  },
  email: {
    to: "ann@example.com",
    from: "Bakery <shop@example.com>",
    toHint: "The customer’s email address.",
    fromHint: "Your address, also after a name: Bakery <shop@example.com>.",
    types: {
      text: {
        name: "Text",
        says: "text",
        fields: [{ path: "email.subject", label: "Subject", kind: "line", example: "Your cupcakes are ready" }],
      },
    },
    options: [],
  },
};

/** The type with this name; the channel's first one, if it has none of this name. @param {string} channel @param {string} name @returns {[string, Type]} */
export function typeOf(channel, name) {
  const { types } = FIELDS[channel];
  return types[name] ? [name, types[name]] : Object.entries(types)[0];
}
