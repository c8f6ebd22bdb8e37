/**
 * The form for a new message, as elements. Preact makes them once and then leaves them alone: the values of the fields are
 * the draft, and compose.js reads and changes them.
 */

import { html, useLayoutEffect, useMemo, useRef } from "../vendor/preact.js";
import { again } from "./again.js";
import { mountCompose } from "./compose.js";

/** @import { Api } from "../api/api.js" */

/** @param {{api: Api, hidden: boolean}} props */
export function Compose({ api, hidden }) {
  return html`<section id="compose" aria-labelledby="compose-title" hidden=${hidden}>
    <h1 id="compose-title" tabindex="-1">New message</h1>
    <p class="one-or-many"><b aria-current="true">One customer</b> <a href="#/batches/new" data-needs="operate">Many customers</a></p>
    <${Form} key=${again.value} api=${api} />
  </section>`;
}

/** @param {{api: Api}} props */
function Form({ api }) {
  const current = useRef(api);
  current.current = api;
  useLayoutEffect(() => mountCompose(() => current.current), []);
  return useMemo(formElements, []); // the same each time, so that Preact sees no change
}

function formElements() {
  return html`
<form id="compose-form" method="post" action="/" autocomplete="off" novalidate>
  <p class="notice bad" id="compose-error" role="alert" tabindex="-1" hidden></p>
  <div class="card" id="message-values">
    <div class="field"><label for="text">Message</label>
      <textarea id="text" dir="auto" data-field="text" rows="3" placeholder="Your cupcakes are ready. See you until six!" aria-describedby="text-count text-error"></textarea>
      <span class="hint" id="text-count" hidden></span>
      <span class="limit" role="status"><span id="text-limit" hidden></span></span>
      <button type="button" class="quiet plainer" id="text-plainer" data-plainer="text" hidden>Use plain characters</button>
      <span class="error" id="text-error"></span></div>
  </div>
  <p class="field saved-plans" id="saved-plans" hidden><label for="saved-plan">Use a saved plan</label><select id="saved-plan"></select></p>
  <ol class="contacts" id="contacts"></ol><div id="senders" hidden></div>
  <p class="add"><button type="button" id="add">+ Add a fallback</button>
    <span class="hint" id="add-hint"></span></p>
  <div class="card when" id="form-values">
    <fieldset class="choice" id="when" data-field="when"><legend>When</legend>
      <label><input type="radio" name="when" value="now" defaultChecked /><span>Now</span></label>
      <label><input type="radio" name="when" value="at" /><span>Later</span></label>
      <label data-needs="operate"><input type="radio" name="when" value="repeat" /><span>Repeat</span></label>
    </fieldset>
    <div class="field" data-if="when=at" hidden><label for="send_at">Date and time</label>
      <input type="datetime-local" id="send_at" max="9999-12-31T23:59" data-field="send_at" aria-describedby="send_at-hint send_at-error" />
      <span class="hint" id="send_at-hint"><span class="zone"></span> time (this computer)</span>
      <span class="error" id="send_at-error"></span></div>
    <div class="parts" data-if="when=repeat" hidden>
      <div class="field"><label for="every">How often</label>
        <select id="every" data-field="every">
          <option value="day">Every day</option><option value="weekdays">Monday to Friday</option><option value="week">Each week on …</option>
          <option value="month">Each month on …</option><option value="cron">Cron expression</option></select></div>
      <div class="field" data-if="every=month" hidden><label for="month_day">Day of the month</label>
        <select id="month_day" data-field="month_day"></select></div>
      <div class="field" data-if="every=day every=weekdays every=week every=month"><label for="time">Time</label>
        <input type="time" id="time" data-field="time" value="09:00" aria-describedby="time_zone time-error" /><span class="error" id="time-error"></span></div>
      <div class="field" data-if="every=cron" hidden><label for="cron">Cron expression</label>
        <input id="cron" data-field="cron" placeholder="0 9 * * MON-FRI" spellcheck=${false} autocapitalize="none" aria-describedby="cron-hint cron-error" />
        <span class="hint" id="cron-hint">Minute, hour, day, month, weekday, as in crontab(5).</span><span class="error" id="cron-error"></span></div>
      <div class="wide" data-if="every=week" hidden><fieldset class="days" id="weekdays" data-field="weekdays" data-days="none" aria-describedby="weekdays-error"><legend>Weekday</legend></fieldset>
        <span class="error" id="weekdays-error"></span></div>
      <div class="field"><label for="ends_at">Last day</label>
        <input type="date" id="ends_at" max="9999-12-30" data-field="ends_at" aria-describedby="ends_at-error" /><span class="error" id="ends_at-error"></span></div>
      <div class="field"><label for="max_runs">Most runs</label>
        <input type="number" min="1" step="1" id="max_runs" data-field="max_runs" placeholder="no limit" aria-describedby="max_runs-error" /><span class="error" id="max_runs-error"></span></div>
      <p class="hint wide" id="time_zone"><span class="zone"></span> time (this computer)</p>
    </div>
    <details class="row-of"><summary><b>Quiet hours</b> <span id="quiet-words">none</span></summary>
      <div class="inside">
        <label class="check"><input type="checkbox" id="quiet" data-field="quiet" /> Don’t disturb customers at night</label>
        <div class="parts" data-if="quiet" hidden>
          <div class="field"><label for="quiet-from">From</label>
            <input type="time" id="quiet-from" data-field="quiet_hours.from" value="21:00" aria-describedby="quiet-from-error" /><span class="error" id="quiet-from-error"></span></div>
          <div class="field"><label for="quiet-to">To</label>
            <input type="time" id="quiet-to" data-field="quiet_hours.to" value="08:00" aria-describedby="quiet-to-error" /><span class="error" id="quiet-to-error"></span></div>
          <div class="field"><label for="quiet-zone">Time zone</label>
            <input id="quiet-zone" data-field="quiet_hours.time_zone" list="zones" spellcheck=${false} aria-describedby="quiet-zone-hint quiet-zone-error" /><datalist id="zones"></datalist>
            <span class="hint" id="quiet-zone-hint">The customer’s time zone.</span><span class="error" id="quiet-zone-error"></span></div>
          <div class="field"><label for="quiet-then">Messages due then</label>
            <select id="quiet-then" data-field="quiet_hours.then" aria-describedby="quiet-then-error">
              <option value="wait">wait until they end</option><option value="skip">are skipped</option></select><span class="error" id="quiet-then-error"></span></div>
          <div class="wide"><fieldset class="days" id="quiet-days" data-field="quiet_hours.days" data-days="all" aria-describedby="quiet-days-error"><legend>Nights starting on</legend></fieldset>
            <span class="error" id="quiet-days-error"></span></div>
        </div>
      </div>
    </details>
    <details class="row-of"><summary><b>More</b> <span>Delivery deadline, reference</span></summary>
      <div class="inside parts roomy">
        <div class="field wide" role="group" aria-label="Delivery deadline"><span class="line">The last message counts as failed if not${" "}<select id="through" data-field="through" aria-label="Condition of the last message" aria-describedby="through-error"><option value="delivered">delivered</option><option value="read">read</option><option value="replied">answered</option></select>${" within "}<input type="number" min="1" step="1" id="give_up" data-field="give_up" value="72" aria-label="Window of the last message" aria-describedby="give_up-error" />${" "}<select id="give_up_unit" data-field="give_up_unit" aria-label="Unit of that time"><option value="1">seconds</option><option value="60">minutes</option><option value="3600" selected>hours</option><option value="86400">days</option></select></span>
          <span class="error" id="through-error"></span><span class="error" id="give_up-error"></span></div>
        <div class="field"><label for="client_ref">Reference</label>
          <input id="client_ref" data-field="client_ref" placeholder="Order 4711" aria-describedby="client_ref-hint client_ref-error" />
          <span class="hint" id="client_ref-hint">Up to 100 characters. Every status contains it.</span><span class="error" id="client_ref-error"></span></div>
        <div class="field"><label for="on_unknown">If Vonage’s response is lost</label>
          <select id="on_unknown" data-field="on_unknown" aria-describedby="on_unknown-error">
            <option value="">wait, then use the fallback</option><option value="resend">send it once more</option></select><span class="error" id="on_unknown-error"></span></div>
      </div>
    </details>
  </div>
  <div class="card plan">
    <h2>The plan</h2>
    <p id="plan"></p>
    <ul class="hint" id="plan-facts"></ul>
    <p class="limit bad" role="status"><span id="plan-warning" hidden></span></p>
    <button class="primary" id="send" aria-describedby="plan plan-facts">Send</button>
    <p class="notice" id="compose-sent" role="status" hidden></p>
    <details data-needs="admin"><summary>Keep this plan for next time</summary>
      <p class="hint">Its channels, senders and windows, without the text and the customer. All users of this stack can choose it.</p>
      <p class="copying"><input id="plan-name" aria-label="Name of the plan" placeholder="SMS, then WhatsApp" maxlength="60" /> <button type="button" id="keep-plan">Keep</button></p>
      <p role="status"><span id="kept-plan" hidden></span></p>
    </details>
    <details id="curl"><summary>The same as <code>curl</code></summary>
      <pre><code id="curl-text"></code></pre>
      <p class="copying"><button type="button" id="copy">Copy</button> <span id="copied"></span></p>
      <p class="hint">Set <code>CLIENT</code> and <code>SECRET</code> in your shell first. With this <code>idempotency-key</code> the message is sent once, however often you run the command or press the button here.</p>
    </details>
  </div>
</form>`;
}
