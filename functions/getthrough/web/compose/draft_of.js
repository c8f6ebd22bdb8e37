/** Turns a dispatch back into a draft of the form. Pure. */

import { messageType } from "../channels/channels.js";
import { LAST_WINDOW } from "./request.js";

/** @import { Dispatch, Step } from "#api" */

const UNITS = [86_400, 3_600, 60, 1];

/** @param {Dispatch} dispatch */
export function draftOf({ steps, client_ref: reference }) {
  const shared = textOf(steps[0]);
  const last = steps.at(-1);
  return {
    values: {
      text: shared,
      when: "now",
      client_ref: reference ?? "",
      through: last?.condition_status ?? "delivered",
      ...amount(last?.expiry_time ?? LAST_WINDOW, "give_up", "give_up_unit"),
    },
    contacts: steps.map((step) => {
      const text = textOf(step);
      return {
        ...flat(step.content),
        channel: step.channel,
        message_type: step.message_type,
        to: step.to,
        from: step.from,
        own: text !== shared && text !== "",
        text,
        condition_status: step.condition_status,
        ...amount(step.expiry_time, "expiry_time", "unit"),
      };
    }),
  };
}

/** The text of a step, wherever its type has it. @param {Step | undefined} step */
function textOf(step) {
  if (!step) return "";
  const { textPath } = messageType(step.channel, step.message_type);
  const text = textPath === null ? undefined : flat(step.content)[textPath];
  return typeof text === "string" ? text : "";
}

/** Seconds as a number and its largest whole unit. @param {number} seconds @param {string} number @param {string} unit */
function amount(seconds, number, unit) {
  const size = UNITS.find((one) => seconds % one === 0) ?? 1;
  return { [number]: String(seconds / size), [unit]: String(size) };
}

/** Nested fields by their paths: `image.url`. @param {object} content @param {string} [before] @returns {Record<string, string>} */
function flat(content, before = "") {
  return Object.fromEntries(
    Object.entries(content).flatMap(([name, value]) => {
      if (Array.isArray(value)) return [[before + name, value.map(String).join("\n")]];
      if (typeof value === "object" && value !== null) return Object.entries(flat(value, `${before}${name}.`));
      return [[before + name, String(value)]];
    }),
  );
}
