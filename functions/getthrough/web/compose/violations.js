/** What the API found wrong, each fault at its field, the rest above the form. */

import { byId, tell } from "../elements/dom.js";
import { trouble } from "../text/words.js";
import { contacts } from "./contacts.js";
import { control, find, write } from "./form_values.js";
import { placeOf } from "./request.js";

/** @import { ApiError } from "../api/api.js" */
/** @import { Draft } from "./request.js" */

const form = byId("compose-form");

/**
 * @param {ApiError} error
 * @param {Draft} draft   what was sent
 * @param {() => void} changed   called if a contact was given a text of its own, to be mended
 */
export function complain(error, draft, changed) {
  const faults = error.problem.invalid_parameters ?? [];
  const places = faults.map((fault) => ({ fault, field: fieldOf(fault.name, draft, changed) }));
  const homeless = places.filter(({ field }) => !field).map(({ fault }) => `${fault.name}: ${fault.reason}`);
  for (const { fault, field } of places) {
    if (!field) continue;
    for (let around = field.closest("details"); around; around = around.parentElement?.closest("details") ?? null)
      around.open = true;
    control(field).setAttribute("aria-invalid", "true");
    byId(`${field.id}-error`).textContent = `${labelOf(field)} ${reasonOf(field, fault.reason)}`;
  }
  const found = /** @type {HTMLElement | null} */ (form.querySelector("[aria-invalid]"));
  const count = form.querySelectorAll("[aria-invalid]").length;
  const summary = count
    ? `Not sent: ${count === 1 ? "one field needs" : `${count} fields need`} another look.`
    : trouble(error, "send");
  tell(byId("compose-error"), [summary, ...homeless].join(" "));
  (found ?? byId("compose-error")).focus();
}

/** Takes back all that was said. */
export function pardon() {
  tell(byId("compose-error"), "");
  form.querySelectorAll("[aria-invalid]").forEach(forgive);
}

/** Takes back what was said of a field that is being mended. @param {Element} input */
export function forgive(input) {
  const field = input.closest("fieldset[data-field]") ?? input;
  const wrong = field === input ? field : control(/** @type {HTMLElement} */ (field));
  if (!wrong.hasAttribute("aria-invalid")) return;
  wrong.removeAttribute("aria-invalid");
  byId(`${field.id}-error`).textContent = "";
}

/** The field that a name such as `failover[0].to` is about. @param {string} name @param {Draft} draft @param {() => void} changed @returns {HTMLElement | undefined} */
function fieldOf(name, draft, changed) {
  const { contact: index, field } = placeOf(name, draft);
  if (index === null) return find(form, field);
  const contact = contacts()[index];
  if (!contact) return undefined;
  if (field !== "text" || draft.contacts[index].own) return find(contact, field);
  // The text of all is at fault; if only for this contact's channel, then what helps is a text of its own.
  if (index === 0 || !draft.values.text) return byId("text");
  write(contact, { own: true, text: draft.values.text });
  changed();
  return find(contact, "text");
}

/** @param {HTMLElement} field */
function labelOf(field) {
  const label =
    field.getAttribute("aria-label") ??
    form.querySelector(`label[for="${field.id}"]`)?.textContent ??
    field.querySelector("legend")?.textContent;
  return label ?? "This";
}

/** What is empty lacks everything that is said of it. @param {HTMLElement} field @param {string} reason */
function reasonOf(field, reason) {
  const empty = "value" in field && field.value === "" && /must have 1 |or cron is required/.test(reason);
  return empty || (field instanceof HTMLFieldSetElement && /cron/.test(reason)) ? "is required." : reason;
}
