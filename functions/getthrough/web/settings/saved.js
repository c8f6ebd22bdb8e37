/** Saved senders and plans, and drafts of the form. Pure. */

import { channelName, NUMBER_CHANNELS } from "../channels/channels.js";
import { secondsOf } from "../compose/request.js";

/** @import { Plan, Sender } from "#api" */
/** @import { Contact, Draft } from "../compose/request.js" */

const UNITS = [86_400, 3_600, 60, 1];

/** The first saved sender of a channel; empty if there is none. @param {Sender[]} senders @param {string} channel */
export function senderOf(senders, channel) {
  return senders.find((sender) => sender.channel === channel)?.from ?? "";
}

/** The senders with one more; the same ones if it is known. @param {Sender[]} senders @param {Sender} added */
export function withSender(senders, added) {
  const known = senders.some(({ channel, from }) => channel === added.channel && from === added.from);
  return known ? senders : [...senders, added];
}

/** The plans with one more, in place of one with the same name. @param {Plan[]} plans @param {Plan} added */
export function withPlan(plans, added) {
  return [...plans.filter(({ name }) => name !== added.name), added];
}

/** The plan of a draft: its channels, senders and windows, and no customer. @param {Pick<Draft, "contacts">} draft @param {string} name @returns {Plan} */
export function planOfDraft({ contacts }, name) {
  const steps = contacts.map(({ channel, from, expiry_time: amount, unit, condition_status: condition }, index) => {
    const seconds = secondsOf(amount, unit);
    return {
      channel,
      ...(from.trim() && { from: from.trim() }),
      ...(index < contacts.length - 1 && seconds && { expiry_time: seconds, condition_status: condition }),
    };
  });
  return { name: name.trim(), steps };
}

/**
 * The draft with the channels, senders and windows of a plan. What was typed for a contact stays
 * if its channel does, and a number goes on to every later channel that takes numbers.
 * @param {Draft} draft @param {Plan} plan @param {Sender[]} senders @returns {{values: Draft["values"], contacts: Partial<Contact>[]}}
 */
export function draftOfPlan({ values, contacts }, { steps }, senders) {
  const number = contacts.find(({ channel, to }) => NUMBER_CHANNELS.includes(channel) && to.trim())?.to ?? "";
  return {
    values,
    contacts: steps.map((step, index) => {
      const { channel, from, expiry_time: window, condition_status: condition } = step;
      const before = contacts[index];
      const to = before?.channel === channel && before.to.trim() ? before.to : "";
      const unit = UNITS.find((size) => (window ?? 0) % size === 0) ?? 1;
      return {
        ...(before?.channel === channel && withoutPlan(before)),
        channel,
        to: to || (NUMBER_CHANNELS.includes(channel) ? number : ""),
        from: from ?? senderOf(senders, channel),
        ...(condition && { condition_status: condition }),
        ...(window && { expiry_time: String(window / unit), unit: String(unit) }),
      };
    }),
  };
}

/** What a contact says that a plan does not. @param {Contact} contact @returns {Partial<Contact>} */
function withoutPlan({ from, expiry_time, unit, condition_status, ...rest }) {
  return rest;
}

/** "SMS, after 2 min WhatsApp, after 10 min email" @param {Plan} plan @param {(seconds: number) => string} duration */
export function stepsWords({ steps }, duration) {
  return steps
    .map(({ channel }, index) => {
      const window = steps[index - 1]?.expiry_time;
      const after = window ? `after ${duration(window)} ` : index ? "then " : "";
      return `${after}${channelName(channel)}`;
    })
    .join(", ");
}
