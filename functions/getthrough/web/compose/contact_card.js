/** A contact of the form, as elements. */

import { html } from "../vendor/preact.js";

/** The elements of a contact, with the window after it. */
export function contactElements() {
  return html`
<li>
  <fieldset class="card contact">
    <legend></legend>
    <div class="moves">
      <button type="button" class="quiet" data-do="up">↑ <span>Move up</span></button>
      <button type="button" class="quiet" data-do="down">↓ <span>Move down</span></button>
      <button type="button" class="quiet" data-do="remove">✕ <span>Remove</span></button>
      <span class="grip" aria-hidden="true" title="Drag to change the order"></span>
    </div>
    <div class="field"><label>Channel</label><select data-field="channel"></select><span class="error" data-for="channel"></span></div>
    <div class="field"><label>To</label><input data-field="to" spellcheck=${false} autocapitalize="none" />
      <span class="hint"></span><span class="error" data-for="to"></span></div>
    <div class="field"><label>From</label><input data-field="from" spellcheck=${false} autocapitalize="none" />
      <span class="hint"></span><span class="error" data-for="from"></span></div>
    <div class="fields parts"></div>
    <p class="hint mute" hidden></p>
    <details>
      <summary></summary>
      <div class="inside parts">
        <div class="field type"><label>Message type</label><select data-field="message_type"></select><span class="error" data-for="message_type"></span></div>
        <div class="options parts"></div>
        <div class="own wide">
          <p><label class="check"><input type="checkbox" data-field="own" /> Different text for this contact</label></p>
          <div class="field"><label>Text for this contact</label><textarea rows="2" dir="auto" data-field="text"></textarea>
            <span class="hint" data-part="count" hidden></span>
            <span class="limit" role="status"><span data-part="limit" hidden></span></span>
            <button type="button" class="quiet plainer" data-part="plainer" data-plainer="text" hidden>Use plain characters</button>
            <span class="error" data-for="text"></span></div>
        </div>
        <p class="urgent wide"><label class="check"><input type="checkbox" data-field="urgent" /> Urgent: ignore quiet hours</label></p>
      </div>
    </details>
  </fieldset>
  <div class="window field" role="group" aria-label="When to use the fallback">
    <span class="line">If not <select data-field="condition_status" aria-label="Condition"><option value="delivered">delivered</option><option value="read">read</option><option value="replied">answered</option></select>${" within "}<input data-field="expiry_time" type="number" min="1" step="1" aria-label="Window" />${" "}<select data-field="unit" aria-label="Unit"><option value="1">seconds</option><option value="60">minutes</option><option value="3600">hours</option><option value="86400">days</option></select> then <a href="#/windows" data-needs="read">How long?</a></span>
    <span class="error" data-for="condition_status"></span><span class="error" data-for="expiry_time"></span>
  </div>
</li>`;
}
