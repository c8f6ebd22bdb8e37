/** The messages of a conversation as bubbles: the customer's on the left, ours on the right with their state. */

import { h, reconcile } from "../elements/dom.js";
import { own } from "../text/own.js";
import { capital, fullTime, met } from "../text/words.js";
import { readInbound } from "./inbound.js";

/** @import { InboundMessage, OutboundMessage, Step } from "#api" */
/** @import { Badge } from "../text/words.js" */

/** @typedef {InboundMessage | OutboundMessage} Message */

const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });

/** @param {Message} message */
export function nameOf(message) {
  return message.direction === "outbound" ? message.message_uuid : `${message.at} ${JSON.stringify(message.message)}`;
}

/** Shows messages, given in order of time, with a line at the start of each day. @param {Element} place @param {Message[]} messages */
export function drawBubbles(place, messages) {
  const byUuid = new Map(
    messages.map((message) => [message.direction === "outbound" ? message.message_uuid : "", message]),
  );
  let day = "";
  const items = messages.flatMap((message) => {
    const on = DAY.format(new Date(message.at));
    const first = on !== day;
    day = on;
    const quoted = message.direction === "inbound" && message.in_reply_to ? byUuid.get(message.in_reply_to) : undefined;
    const item = { key: nameOf(message), day: "", message, quoted: quoted ? wordsOf(quoted).text : "" };
    return first ? [{ key: on, day: on, message, quoted: "" }, item] : [item];
  });
  reconcile(
    place,
    items,
    ({ key }) => key,
    (item) => (item.day ? h("li", { class: "new-day" }, item.day) : bubble(item.message, item.quoted)),
  );
}

/** @param {Message} message @param {string} quoted */
function bubble(message, quoted) {
  const { text, hint, url } = wordsOf(message);
  const ours = message.direction === "outbound";
  const badge = ours && message.step ? sentBadge(message.step) : null;
  const dispatch = ours && message.step && `#/dispatches/${message.message_uuid.slice(0, -2)}00`;
  return h(
    "li",
    { class: `bubble ${message.direction}` },
    h("p", { class: "unseen" }, ours ? "You:" : "Customer:"),
    ours && message.automatic && h("p", { class: "hint" }, "Automatic answer"),
    quoted && h("p", { class: "quoted" }, quoted),
    hint && h("p", { class: "hint" }, hint),
    text && h("p", { class: "said" }, text),
    url && h("p", { class: "hint" }, url),
    h(
      "p",
      { class: "under" },
      h("time", { datetime: message.at, title: fullTime(message.at) }, TIME.format(new Date(message.at))),
      badge && h("span", { class: `badge tone-${badge.tone}` }, badge.text),
      dispatch && h("a", { href: dispatch }, "Details", h("span", { class: "unseen" }, ` to “${text || hint}”`)),
    ),
  );
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

/** The state of one of our messages, whatever its dispatch did later. @param {Step} step @returns {Badge} */
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

/** @param {string | null} answer @returns {Badge} */
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
