/** The messages of a conversation as bubbles: the customer's on the left, ours on the right with their state. */

import { Badge } from "../elements/ui.js";
import { own } from "../text/own.js";
import { capital, fullTime, met } from "../text/words.js";
import { html } from "../vendor/preact.js";
import { readInbound } from "./inbound.js";

/** @import { InboundMessage, OutboundMessage, Step } from "#api" */
/** @import { Badge as BadgeWords } from "../text/words.js" */

/** @typedef {InboundMessage | OutboundMessage} Message */

const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });

/** @param {Message} message */
export function nameOf(message) {
  return message.direction === "outbound" ? message.message_uuid : `${message.at} ${JSON.stringify(message.message)}`;
}

/** Messages in order of time, with a line at the start of each day. @param {{messages: Message[]}} props */
export function Bubbles({ messages }) {
  const byUuid = new Map(
    messages.map((message) => [message.direction === "outbound" ? message.message_uuid : "", message]),
  );
  let day = "";
  const items = messages.flatMap((message) => {
    const on = DAY.format(new Date(message.at));
    const first = on !== day;
    day = on;
    const quoted = message.direction === "inbound" && message.in_reply_to ? byUuid.get(message.in_reply_to) : undefined;
    const item = html`<${Bubble} key=${nameOf(message)} message=${message} quoted=${quoted ? wordsOf(quoted).text : ""} />`;
    return first ? [html`<li key=${on} class="new-day">${on}</li>`, item] : [item];
  });
  return html`<ol class="bubbles" id="bubbles">${items}</ol>`;
}

/** @param {{message: Message, quoted: string}} props */
function Bubble({ message, quoted }) {
  const { text, hint, url } = wordsOf(message);
  const ours = message.direction === "outbound";
  const dispatch = ours && message.step && `#/dispatches/${message.message_uuid.slice(0, -2)}00`;
  return html`<li class=${`bubble ${message.direction}`}>
    <p class="unseen">${ours ? "You:" : "Customer:"}</p>
    ${ours && message.automatic && html`<p class="hint">Automatic answer</p>`}
    ${quoted && html`<p class="quoted" dir="auto">${quoted}</p>`}
    ${hint && html`<p class="hint">${hint}</p>`}
    ${text && html`<p class="said" dir="auto">${text}</p>`}
    ${url && html`<p class="hint">${url}</p>`}
    <p class="under">
      <time datetime=${message.at} title=${fullTime(message.at)}>${TIME.format(new Date(message.at))}</time>
      ${ours && message.step && html`<${Badge} ...${sentBadge(message.step)} />`}
      ${dispatch && html`<a href=${dispatch}>Details<span class="unseen"> to “${text || hint}”</span></a>`}
    </p>
  </li>`;
}

/** @param {Message} message @returns {{text: string, hint: string, url: string}} */
function wordsOf(message) {
  if (message.direction === "inbound") {
    const { text, kind, url } = readInbound(message.message);
    return { text, hint: kind === "text" ? "" : kindName(kind), url };
  }
  if (!message.step) return { text: "", hint: "This message has been deleted.", url: "" };
  const { content, message_type: kind } = message.step;
  const media = /** @type {{url?: unknown, caption?: unknown}} */ (own(content, kind) ?? {});
  const words = [content.text, media.caption].find((one) => typeof one === "string");
  return {
    text: String(words ?? ""),
    hint: kind !== "text" ? kindName(kind) : words === undefined ? "The text has been deleted." : "",
    url: typeof media.url === "string" ? media.url : "",
  };
}

/** "A button" @param {string} kind */
function kindName(kind) {
  return capital(kind.replaceAll("_", " "));
}

/** The state of one of our messages, whatever its dispatch did later. @param {Step} step @returns {BadgeWords} */
function sentBadge({ status, answer, condition_met: success, condition_status: condition, late }) {
  if (late) return { text: `${capital(status ?? met(condition))}, late`, tone: "late" };
  if (success && condition === "replied") return { text: capital(met(condition)), tone: "good" };
  switch (status) {
    case "delivered":
    case "read":
      return { text: capital(status), tone: "good" };
    case "rejected":
    case "undeliverable":
      return { text: capital(status), tone: "bad" };
    case "submitted":
      return { text: "On its way", tone: "wait" };
    default:
      return unreported(answer);
  }
}

/** @param {string | null} answer @returns {BadgeWords} */
function unreported(answer) {
  switch (answer) {
    case "accepted":
      return { text: "On its way", tone: "wait" };
    case "refused":
      return { text: "Refused by Vonage", tone: "bad" };
    case "unavailable":
      return { text: "Not accepted by Vonage", tone: "wait" };
    case "unknown":
      return { text: "Vonage’s response was lost", tone: "wait" };
    case "opted_out":
      return { text: "Not sent: opted out", tone: "idle" };
    case "quiet":
      return { text: "Not sent: quiet hours", tone: "idle" };
    case "limited":
      return { text: "Not sent: limit reached", tone: "idle" };
    case "service_window_closed":
      return { text: "Not sent: no message from the customer in 24 hours", tone: "idle" };
    case "channel_down":
      return { text: "Not sent: channel down", tone: "idle" };
    default:
      return { text: "Sending", tone: "wait" };
  }
}
