/** Whether one may write to a customer freely, on channels that otherwise take only templates. Pure. */

import { channelName, channelOf } from "../channels/channels.js";

/** @import { ServiceWindow } from "#api" */

const TIME = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });

/** A sentence for the reply form; empty on a channel without a service window. @param {string} channel @param {string} from @param {readonly ServiceWindow[]} windows */
export function serviceWindowWords(channel, from, windows) {
  const hours = channelOf(channel).serviceHours;
  if (!hours) return "";
  const found = windows.find((one) => one.channel === channel && one.from === from);
  return found
    ? `You can write freely until ${TIME.format(new Date(found.closes_at))}.`
    : `The customer has not written here in the last ${hours} hours, so ${channelName(channel)} may reject it.`;
}
