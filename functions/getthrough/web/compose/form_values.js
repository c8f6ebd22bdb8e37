/** What stands in fields, as plain data and back. A field is an element with `data-field`, or a group of boxes or buttons in one. */

/** @import { Values } from "./request.js" */

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Input */

/** @param {Element} root @returns {Values} */
export function read(root) {
  /** @type {Values} */
  const values = {};
  for (const field of fields(root)) values[field.dataset.field ?? ""] = valueOf(field);
  return values;
}

/** Fields of which nothing is said stay as they are. @param {Element} root @param {Values} values */
export function write(root, values) {
  for (const field of fields(root)) {
    const value = values[field.dataset.field ?? ""];
    if (value === undefined) continue;
    const group = boxes(field);
    for (const box of group) box.checked = Array.isArray(value) ? value.includes(box.value) : value === box.value;
    if (field instanceof HTMLInputElement && field.type === "checkbox") field.checked = Boolean(value);
    else if (!group.length) /** @type {Input} */ (field).value = value;
  }
}

/** The field of this name, or undefined. @param {Element} root @param {string} name @returns {HTMLElement | undefined} */
export function find(root, name) {
  return fields(root).find((field) => field.dataset.field === name);
}

/** What one types into, or chooses first. @param {HTMLElement} field @returns {HTMLElement} */
export function control(field) {
  return boxes(field)[0] ?? field;
}

/** @param {Element} root @returns {HTMLElement[]} */
function fields(root) {
  return [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-field]"))];
}

/** @param {HTMLElement} field @returns {HTMLInputElement[]} */
function boxes(field) {
  return field instanceof HTMLFieldSetElement ? [...field.querySelectorAll("input")] : [];
}

/** @param {HTMLElement} field @returns {string | boolean | string[]} */
function valueOf(field) {
  const group = boxes(field);
  if (group.length) {
    const chosen = group.filter((box) => box.checked).map((box) => box.value);
    return group[0].type === "radio" ? (chosen[0] ?? "") : chosen;
  }
  if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked;
  return /** @type {Input} */ (field).value;
}
