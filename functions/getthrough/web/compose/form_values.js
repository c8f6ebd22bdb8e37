/** Reads and writes the values of fields as plain data. A field is an element with `data-field`, or a group of boxes or buttons in one. */

import { parts } from "../elements/dom.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Input */

/** @param {Element} root @returns {Record<string, string | boolean | string[]>} */
export function read(root) {
  return Object.fromEntries(fields(root).map((field) => [field.dataset.field ?? "", currentValue(field)]));
}

/** Writes values by their fields' names; the other fields stay as they are. @param {Element} root @param {object} values */
export function write(root, values) {
  const known = new Map(Object.entries(values));
  for (const field of fields(root)) {
    const value = known.get(field.dataset.field ?? "");
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

/** The element that takes the focus: the field, or the first box of a group. @param {HTMLElement} field @returns {HTMLElement} */
export function control(field) {
  return boxes(field)[0] ?? field;
}

/** @param {Element} root */
function fields(root) {
  return parts(root, "[data-field]");
}

/** @param {HTMLElement} field @returns {HTMLInputElement[]} */
function boxes(field) {
  return field instanceof HTMLFieldSetElement ? [...field.querySelectorAll("input")] : [];
}

/** @param {HTMLElement} field @returns {string | boolean | string[]} */
function currentValue(field) {
  const group = boxes(field);
  if (group.length) {
    const chosen = group.filter((box) => box.checked).map((box) => box.value);
    return group[0]?.type === "radio" ? (chosen[0] ?? "") : chosen;
  }
  if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked;
  return /** @type {Input} */ (field).value;
}
