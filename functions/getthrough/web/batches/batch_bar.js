/** A batch's progress as a bar, with the numbers in words beside it. */

import { h } from "../elements/dom.js";
import { s } from "../elements/svg.js";
import { parts } from "./batch_words.js";

/** @import { Batch } from "#api" */

/** @param {Batch} batch */
export function batchBar(batch) {
  const shown = parts(batch);
  let x = 0;
  const bars = shown.map(({ tone, number }) => {
    const bar = s("rect", { x, width: number, y: 0, height: 1, class: `part tone-${tone}` });
    x += number;
    return bar;
  });
  const size = { viewBox: `0 0 ${batch.accepted} 1`, preserveAspectRatio: "none", "aria-hidden": "true" };
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
      s("svg", size, ...bars),
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
