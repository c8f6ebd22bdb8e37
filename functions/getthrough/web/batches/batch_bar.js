/** A batch's progress as a bar, with the numbers in words beside it. */

import { html } from "../vendor/preact.js";
import { parts } from "./batch_words.js";

/** @import { Batch } from "#api" */

/** @param {{batch: Batch}} props */
export function BatchBar({ batch }) {
  const shown = parts(batch);
  let x = 0;
  const bars = shown.map(({ tone, number }) => {
    const bar = html`<rect x=${x} width=${number} y="0" height="1" class=${`part tone-${tone}`} />`;
    x += number;
    return bar;
  });
  return html`<div class="batch-bar">
    <div role="progressbar" aria-label="Sent" aria-valuemin="0" aria-valuemax=${batch.accepted} aria-valuenow=${batch.sent} aria-valuetext=${`${batch.sent} of ${batch.accepted} sent`}>
      <svg viewBox=${`0 0 ${batch.accepted} 1`} preserveAspectRatio="none" aria-hidden="true">${bars}</svg></div>
    <ul class="batch-parts">${shown.map(({ name, tone, number }) => html`<li key=${name} class=${`tone-${tone}`}><b>${number.toLocaleString("en-GB")}</b> ${name}</li>`)}</ul>
  </div>`;
}
