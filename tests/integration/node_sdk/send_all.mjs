// Sends a message of every class that @vonage/messages exports, as its documentation says, with another host.
//
// Read from standard input: {"apiHost", "applicationId", "privateKey", "to": number, "fallback": number or nothing}; with
// `fallback` each message is followed by an SMS to that number. Tells what went over the wire, and what was not tried:
// {"exchanges": {class: {"sent", "status", "answer", "messageUUID"}}, "leftOut": [class]}
import { readFileSync } from "node:fs";
import { Auth } from "@vonage/auth";
import * as sdk from "@vonage/messages";

const { apiHost, applicationId, privateKey, to, fallback } = JSON.parse(readFileSync(0, "utf8"));

const url = "https://bakery.example/cupcake";
const caption = "Fresh from the oven";
const common = { to, clientRef: "order-7", webhookUrl: "https://client.example/status", webhookVersion: "v0.1" };
const phone = { ...common, from: "447700900001" };
const mms = phone; // the SDK's classes drop its `ttl`
const rcs = { ...common, from: "Bakery", ttl: 600, rcs: { category: sdk.RCSCategory.TRANSACTION } };
const whatsapp = { ...phone, context: { messageUUID: "an-earlier-one" } };
const messenger = {
  ...common,
  from: "bakery",
  messenger: { category: sdk.MessengerCategory.MESSAGE_TAG, tag: sdk.MessengerTags.CONFIRMED_EVENT_UPDATE },
};
const viberService = { category: sdk.ViberCategory.TRANSACTION, ttl: 600, type: "template" };
const viber = { ...common, from: "Bakery", viberService: { ...viberService, action: { url, text: "See it" } } };
const email = {
  ...common,
  to: `${to}@example.com`,
  from: "The bakery <bakery@example.com>",
  email: {
    subject: "Cupcakes",
    importance: sdk.EmailImportance.HIGH,
    priority: sdk.EmailPriority.URGENT,
    sensitivity: sdk.EmailSensitivity.PERSONAL,
  }, // `cc` and `bcc` are refused (docs/migration.md)
};
const suggestions = [
  new sdk.RCSReplySuggestion({ text: "Yes", postbackData: "yes" }),
  new sdk.RCSDialActionSuggestion({ text: "Call", postbackData: "call", phoneNumber: "447700900001", fallbackUrl: url }),
  new sdk.RCSViewLocationSuggestion({
    text: "Find us", postbackData: "map", latitude: "51.5", longitude: "-0.1", pinLabel: "The bakery", fallbackUrl: url,
  }),
  new sdk.RCSShareLocationSuggestion({ text: "Deliver here", postbackData: "here" }),
  new sdk.RCSOpenURLSuggestion({ text: "Open", postbackData: "open", url, description: caption }),
  new sdk.RCSOpenURLWebviewSuggestion({ text: "Look", postbackData: "look", url, description: caption, viewMode: "TALL" }),
  new sdk.RCSCreateCalendarEventSuggestion({
    text: "Remind me", postbackData: "event", startTime: "2026-03-02T12:00:00Z", endTime: "2026-03-02T13:00:00Z",
    title: "Cupcakes", description: caption, fallbackUrl: url,
  }),
];

const parameters = {
  SMS: {
    ...phone, text: "Your cupcakes are ready! 🧁", ttl: 1800, trustedRecipient: true,
    sms: { encodingType: "unicode", contentId: "1107457532145798767", entityId: "110" },
  },
  MMSText: { ...mms, text: "Ready" },
  MMSImage: { ...mms, image: { url, caption } },
  MMSVcard: { ...mms, vcard: { url, caption } },
  MMSAudio: { ...mms, audio: { url, caption } },
  MMSVideo: { ...mms, video: { url, caption } },
  MMSFile: { ...mms, file: { url, caption } },
  MMSContent: { ...mms, content: ["image", "audio", "video", "file", "vcard"].map((type) => ({ type, url, caption })) },
  RCSText: { ...rcs, text: "Ready", suggestions },
  RCSImage: { ...rcs, image: { url } },
  RCSVideo: { ...rcs, video: { url } },
  RCSFile: { ...rcs, file: { url } },
  RCSCustom: { ...rcs, custom: { contentMessage: { text: "Ready" } } },
  WhatsAppText: { ...whatsapp, text: "Ready" },
  WhatsAppImage: { ...whatsapp, image: { url, caption } },
  WhatsAppAudio: { ...whatsapp, audio: { url } },
  WhatsAppVideo: { ...whatsapp, video: { url, caption } },
  WhatsAppFile: { ...whatsapp, file: { url, caption, name: "menu.pdf" } },
  WhatsAppTemplate: {
    ...whatsapp,
    template: { name: "bakery:ready", parameters: ["Ann", "12"] },
    whatsapp: { locale: sdk.WhatsAppLanguageCode.ENGLISH_UK, policy: "deterministic" },
  },
  WhatsAppSticker: { ...whatsapp, sticker: { url } },
  WhatsAppReaction: { ...whatsapp, reaction: { action: "react", emoji: "🧁" } },
  WhatsAppCustom: { ...whatsapp, custom: { type: "interactive", interactive: { body: { text: "Ready" } } } },
  MessengerText: { ...messenger, text: "Ready" },
  MessengerImage: { ...messenger, image: { url } },
  MessengerAudio: { ...messenger, audio: { url } },
  MessengerVideo: { ...messenger, video: { url } },
  MessengerFile: { ...messenger, file: { url } },
  ViberText: { ...viber, text: "Ready" },
  ViberImage: { ...viber, image: { url, caption } },
  ViberVideo: {
    ...viber, video: { url, caption, thumbUrl: url }, viberService: { ...viberService, duration: "30", fileSize: "2" },
  },
  ViberFile: { ...viber, file: { url, name: "menu.pdf" } },
  EmailText: { ...email, text: "Ready" },
  EmailHTML: { ...email, html: { body: "<p>Ready</p>" } },
  EmailContent: {
    ...email, content: [{ type: "text", text: "Ready" }, { type: "html", body: "<p>Ready</p>" }],
  },
};

const isMessage = ([name, value]) => value?.prototype instanceof sdk.AbstractMessage && !name.startsWith("Abstract");
const leftOut = Object.entries(sdk).filter(isMessage).map(([name]) => name).filter((name) => !(name in parameters));

// The SDK drops `workflow_id` and shows no one what it sends: look where it reads the answer.
class Watched extends sdk.Messages {
  async parseResponse(request, response) {
    this.exchange = { sent: request.data, status: response.status, answer: await response.clone().json() };
    return super.parseResponse(request, response);
  }
}

const exchanges = {};
for (const [name, given] of Object.entries(parameters)) {
  const messages = new Watched(new Auth({ applicationId, privateKey }), { apiHost });
  const message = new sdk[name](given);
  if (fallback) message.failover = [new sdk.SMS({ ...phone, to: fallback, text: "Your cupcakes are ready!" })];
  const { messageUUID } = await messages.send(message).catch(() => ({})); // an error's answer says all
  exchanges[name] = { ...messages.exchange, messageUUID };
}
console.log(JSON.stringify({ exchanges, leftOut }));
