/** A batch's progress as a picture, with its numbers in words beside it. */

import { h } from "../elements/dom.js";
import { parts } from "./batch_words.js";

/** @import { Batch } from "./batch_words.js" */

const SVG = "http://www.w3.org/2000/svg";

/** @param {Batch} batch */
export function batchBar(batch) {
  const shown = parts(batch);
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", `0 0 ${batch.accepted} 1`);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("aria-hidden", "true");
  let x = 0;
  for (const { tone, number } of shown) {
    const part = document.createElementNS(SVG, "rect");
    for (const [name, value] of Object.entries({ x, width: number, y: 0, height: 1, class: `part tone-${tone}` }))
      part.setAttribute(name, String(value));
    picture.append(part);
    x += number;
  }
  return h(
    "div",
    { class: "batch-bar" },
    h(
      "div",
      {
        role: "progressbar",
        "aria-label": "Sent",
        "aria-valuemin": 0,
        "aria-valuemax": batch.accepted,
        "aria-valuenow": batch.sent,
        "aria-valuetext": `${batch.sent} of ${batch.accepted} sent`,
      },
      /** @type {any} */ (picture),
    ),
    h(
      "ul",
      { class: "batch-parts" },
      ...shown.map(({ name, tone, number }) =>
        h("li", { class: `tone-${tone}` }, h("b", {}, number.toLocaleString("en-GB")), ` ${name}`),
      ),
    ),
  );
}
