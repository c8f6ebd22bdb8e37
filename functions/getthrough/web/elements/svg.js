/** Creates SVG elements. */

import { own } from "../text/own.js";

const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * An element. Attributes that are null are left out; a number is rounded to a tenth.
 * @param {string} tag
 * @param {Record<string, string | number | null>} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function s(tag, attributes = {}, ...children) {
  const element = /** @type {SVGElement} */ (document.createElementNS(NAMESPACE, tag));
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null)
      element.setAttribute(name, typeof value === "number" ? `${Math.round(value * 10) / 10}` : value);
  }
  element.append(...children);
  return element;
}

/** The drawing of each event, in a square of 16. */
const OTHER = "M5 8h.1M8 8h.1M11 8h.1";

/** @type {Record<string, string>} */
const SIGNS = {
  sent: "M3 8h9M8.5 4.5 12 8l-3.5 3.5",
  accepted: "M8 7.500v1",
  submitted: "M8 12V4.500M4.5 7.5 8 4l3.5 3.5",
  delivered: "m3.5 8.5 3 3 6-7",
  read: "m1.5 8.5 3 3 5.5-7M7 10.500l1 1 6-7",
  replied: "M7 4 3.5 7.5 7 11M3.5 7.500h6a3 3 0 0 1 3 3V12",
  failed: "m4.5 4.5 7 7M11.5 4.500l-7 7",
  time: "M8 4v4.500l3 2",
  stop: "M4 8h8",
  quiet: "M11.5 9.5A4.5 4.5 0 1 1 7 4a3.6 3.6 0 0 0 4.5 5.5z",
  back: "M12.5 8h-9M7 4.5 3.5 8 7 11.5",
  unclear: "M6 6.200a2 2 0 1 1 2.7 1.900C8.2 8.4 8 8.7 8 9.500M8 11.800v.1",
};

/** @param {string} name @returns {SVGElement} */
export function sign(name) {
  return s("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: own(SIGNS, name) ?? OTHER }));
}
