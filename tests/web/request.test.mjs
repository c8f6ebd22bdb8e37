import assert from "node:assert/strict";
import { test } from "node:test";

import { placeOf, requestOf } from "../../functions/getthrough/web/compose/request.js";
import { contact, draft } from "./drafts.mjs";

const ZONE = "Europe/London";

/** @import { Contact, Values } from "../../functions/getthrough/web/compose/request.js" */

/** @param {Partial<Values>} values @param {...Contact} contacts */
function body(values, ...contacts) {
  return requestOf(draft(values, ...contacts), ZONE).body;
}

test("one SMS is the shortest of all requests", () => {
  assert.deepEqual(
    requestOf(draft({ text: "It's ready" }, contact({ to: " +44 7700 900001 ", from: "BAKERY" })), ZONE),
    {
      path: "/v1/messages",
      body: { channel: "sms", message_type: "text", to: "+44 7700 900001", from: "BAKERY", text: "It's ready" },
    },
  );
});

test("every contact but the last has its window; fallbacks keep their order", () => {
  const said = body(
    { text: "Ready" },
    contact({ channel: "whatsapp", to: "1", from: "2", expiry_time: "10", unit: "60", condition_status: "read" }),
    contact({ channel: "viber_service", to: "3", from: "4", own: true, text: "Viber" }),
    contact({ channel: "sms", to: "5", from: "6", expiry_time: "9", text: "not used" }),
  );
  assert.deepEqual(said, {
    channel: "whatsapp",
    message_type: "text",
    to: "1",
    from: "2",
    text: "Ready",
    expiry_time: 600,
    condition_status: "read",
    failover: [
      {
        channel: "viber_service",
        message_type: "text",
        to: "3",
        from: "4",
        text: "Viber",
        expiry_time: 15,
        condition_status: "delivered",
      },
      { channel: "sms", message_type: "text", to: "5", from: "6", text: "Ready" },
    ],
  });
});

/** @type {[typed: Partial<Contact>, own: object][]} */
const TYPES = [
  // contact, what of the message is its own
  [
    { channel: "whatsapp", message_type: "image", "image.url": " https://a/b.jpg " },
    { message_type: "image", image: { caption: "Ready", url: "https://a/b.jpg" } },
  ],
  [
    { channel: "rcs", message_type: "image", "image.url": "https://a/b.jpg" },
    { message_type: "image", image: { url: "https://a/b.jpg" } },
  ],
  [
    { channel: "rcs", message_type: "image" },
    { message_type: "image", image: {} },
  ], // so that the API names image.url
  [
    { channel: "viber_service", message_type: "file", "file.url": "https://a/b.pdf", "file.name": "b.pdf" },
    { message_type: "file", file: { url: "https://a/b.pdf", name: "b.pdf" } },
  ],
  [
    {
      channel: "whatsapp",
      message_type: "template",
      "template.name": "ready",
      "whatsapp.locale": "en_GB",
      "template.parameters": "Ann\n\n 12 \n",
    },
    { message_type: "template", template: { name: "ready", parameters: ["Ann", "12"] }, whatsapp: { locale: "en_GB" } },
  ],
  [
    { channel: "email", "email.subject": "Cupcakes" },
    { message_type: "text", text: "Ready", email: { subject: "Cupcakes" } },
  ],
  [
    { channel: "messenger", "messenger.category": "message_tag", "messenger.tag": "X" },
    { message_type: "text", text: "Ready", messenger: { category: "message_tag", tag: "X" } },
  ],
  [
    { channel: "messenger", "messenger.category": "" },
    { message_type: "text", text: "Ready" },
  ],
  [
    { channel: "sms", message_type: "image", "image.url": "https://a/b.jpg", "viber_service.category": "promotion" },
    { message_type: "text", text: "Ready" },
  ], // typed for another channel
];

for (const [typed, own] of TYPES) {
  test(`what is said: ${JSON.stringify(typed)}`, () => {
    assert.deepEqual(body({ text: "Ready" }, contact({ to: "1", from: "2", ...typed })), {
      channel: typed.channel,
      to: "1",
      from: "2",
      ...own,
    });
  });
}

const EMPTY = { channel: "sms", message_type: "text" };

/** @type {[values: Partial<Values>, expected: object][]} */
const WHEN = [
  [
    { when: "at", send_at: "2026-12-24T09:00" },
    { ...EMPTY, send_at: "2026-12-24T09:00", time_zone: ZONE },
  ],
  [
    { when: "at", send_at: "" },
    { ...EMPTY, send_at: "", time_zone: ZONE },
  ], // without send_at it would be sent now
  [{ when: "now", send_at: "2026-12-24T09:00", cron: "x" }, EMPTY],
  [
    { when: "repeat", every: "week", weekdays: ["fri"] },
    { message: EMPTY, cron: "0 9 * * FRI", time_zone: ZONE },
  ],
  [
    { when: "repeat", every: "week" },
    { message: EMPTY, time_zone: ZONE },
  ],
  [
    { when: "repeat", max_runs: "3", ends_at: "2026-12-31" },
    { message: EMPTY, cron: "0 9 * * *", time_zone: ZONE, max_runs: 3, ends_at: "2027-01-01T00:00" },
  ],
  [
    { client_ref: "4711", on_unknown: "resend" },
    { ...EMPTY, client_ref: "4711", on_unknown: "resend" },
  ],
  [{ give_up: "72", give_up_unit: "3600" }, EMPTY],
  [{ give_up: "3", give_up_unit: "86400" }, EMPTY],
  [
    { give_up: "5", give_up_unit: "60", through: "replied" },
    { ...EMPTY, expiry_time: 300, condition_status: "replied" },
  ],
  [{ quiet: true }, { ...EMPTY, quiet_hours: { from: "21:00", to: "08:00", time_zone: ZONE } }],
  [
    {
      quiet: true,
      "quiet_hours.days": ["fri", "sat"],
      "quiet_hours.then": "skip",
      "quiet_hours.time_zone": "Asia/Tokyo",
    },
    {
      ...EMPTY,
      quiet_hours: { from: "21:00", to: "08:00", days: ["fri", "sat"], then: "skip", time_zone: "Asia/Tokyo" },
    },
  ],
  [
    { quiet: true, "quiet_hours.days": [] },
    { ...EMPTY, quiet_hours: { from: "21:00", to: "08:00", days: [], time_zone: ZONE } },
  ],
];

for (const [values, expected] of WHEN) {
  test(`the whole: ${JSON.stringify(values)}`, () => {
    const request = requestOf(draft(values, contact({})), ZONE);
    assert.deepEqual(request, { path: values.when === "repeat" ? "/v1/schedules" : "/v1/messages", body: expected });
  });
}

test("urgent is said only where there are quiet hours", () => {
  assert.equal("urgent" in body({}, contact({ urgent: true })), false);
  assert.equal(body({ quiet: true }, contact({ urgent: true })).urgent, true);
});

const TWO = draft({ text: "x" }, contact({ channel: "whatsapp", message_type: "image" }), contact({ channel: "sms" }));
/** @type {[name: string, index: number | null, field: string][]} */
const PLACES = [
  // the API's name, contact, field
  ["to", 0, "to"],
  ["image.url", 0, "image.url"],
  ["image.caption", 0, "text"],
  ["expiry_time", 0, "expiry_time"],
  ["failover[0].text", 1, "text"],
  ["failover[0].expiry_time", null, "give_up"],
  ["failover[0].condition_status", null, "through"],
  ["message.failover[0].to", 1, "to"],
  ["message.quiet_hours.time_zone", null, "quiet_hours.time_zone"],
  ["quiet_hours", null, "quiet_hours.from"],
  ["quiet_hours.days", null, "quiet_hours.days"],
  ["send_at", null, "send_at"],
  ["client_ref", null, "client_ref"],
];

for (const [name, index, field] of PLACES) {
  test(`the API's ${name} is ${field} of ${index}`, () =>
    assert.deepEqual(placeOf(name, TWO), { contact: index, field }));
}

/** @type {[values: Partial<Values>, field: string][]} */
const MISSING = [
  [{ every: "week" }, "weekdays"],
  [{ every: "day", time: "" }, "time"],
  [{ every: "cron" }, "cron"],
];

for (const [values, field] of MISSING) {
  test(`a schedule that says too little lacks ${field}`, () => {
    assert.deepEqual(placeOf("send_at", draft({ when: "repeat", ...values }, contact({}))), { contact: null, field });
  });
}
