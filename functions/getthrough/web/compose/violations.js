/** Shows the API's validation errors: each one at its field, the others above the form. */

import { byId, tell } from "../elements/dom.js";
import { trouble } from "../text/words.js";
import { contacts } from "./contacts.js";
import { control, find, write } from "./form_values.js";
import { placeOf } from "./request.js";

/** @import { ApiError } from "../api/api.js" */
/** @import { Draft } from "./request.js" */

const compose = () => byId("compose-form");

/**
 * @param {ApiError} error
 * @param {Draft} draft   what was sent
 * @param {() => void} changed   called if a contact was given its own text, to be corrected there
 */
export function showViolations(error, draft, changed) {
  const violations = error.problem.invalid_parameters ?? [];
  const others = [];
  for (const { name, reason } of violations) {
    const field = fieldOf(name, draft, changed);
    if (field) mark(field, reason);
    else others.push(`${name}: ${reason}`);
  }
  const found = /** @type {HTMLElement | null} */ (compose().querySelector("[aria-invalid]"));
  const count = compose().querySelectorAll("[aria-invalid]").length;
  const summary = count
    ? `Not sent. Check ${count === 1 ? "the marked field" : `the ${count} marked fields`}.`
    : trouble(error, "send");
  tell(byId("compose-error"), [summary, ...others].join(" "));
  (found ?? byId("compose-error")).focus();
}

/** @param {HTMLElement} field @param {string} reason */
function mark(field, reason) {
  for (let around = field.closest("details"); around; around = around.parentElement?.closest("details") ?? null) {
    around.open = true;
  }
  control(field).setAttribute("aria-invalid", "true");
  byId(`${field.id}-error`).textContent = sentence(field, reason);
}

export function clearViolations() {
  tell(byId("compose-error"), "");
  for (const input of compose().querySelectorAll("[aria-invalid]")) clearViolation(input);
}

/** Clears the error of a field whose value changes. @param {Element} input */
export function clearViolation(input) {
  const field = input.closest("fieldset[data-field]") ?? input;
  const wrong = field === input ? field : control(/** @type {HTMLElement} */ (field));
  if (!wrong.hasAttribute("aria-invalid")) return;
  wrong.removeAttribute("aria-invalid");
  byId(`${field.id}-error`).textContent = "";
}

/** The field that a name such as `failover[0].to` is about. @param {string} name @param {Draft} draft @param {() => void} changed @returns {HTMLElement | undefined} */
function fieldOf(name, draft, changed) {
  const { contact: index, field } = placeOf(name, draft);
  if (index === null) return find(compose(), field);
  const contact = contacts()[index];
  if (!contact) return undefined;
  if (field !== "text" || draft.contacts[index]?.own) return find(contact, field);
  // The shared text is wrong. If only a fallback's channel refuses it, that contact gets its own text.
  if (index === 0 || !draft.values.text) return byId("text");
  write(contact, { own: true, text: draft.values.text });
  changed();
  return find(contact, "text");
}

/** @param {HTMLElement} field */
function labelOf(field) {
  const label =
    field.getAttribute("aria-label") ??
    compose().querySelector(`label[for="${field.id}"]`)?.textContent ??
    field.querySelector("legend")?.textContent;
  return label ?? "This";
}

/** "Enter a phone number." for an empty field, else the API's reason. @param {HTMLElement} field @param {string} reason */
function sentence(field, reason) {
  const label = labelOf(field);
  const missing = /is required|must have 1 |or cron is required/.test(reason);
  const empty = "value" in field && field.value === "" && missing;
  if (field instanceof HTMLFieldSetElement && /cron/.test(reason)) return "Choose at least one.";
  if (!empty) return `${label} ${reason}`;
  if (field.getAttribute("inputmode") === "tel") return "Enter a phone number.";
  return `${field instanceof HTMLSelectElement ? "Choose" : "Enter"} ${EMPTY.get(label) ?? "a value"}.`;
}

/** What to enter, by the field's label. */
const EMPTY = new Map([
  ["Message", "a message"],
  ["To", "the customer’s address"],
  ["From", "a sender"],
  ["Subject", "a subject"],
  ["Time", "a time"],
  ["Date and time", "a date and time"],
  ["Cron expression", "a cron expression"],
  ["Template name", "the template’s name"],
  ["Picture URL", "the picture’s URL"],
  ["File URL", "the file’s URL"],
]);
