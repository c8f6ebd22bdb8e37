/** The form for a new message: its text, its contacts in order, when to send it, and the plan. */

import { deliver } from "../api/send_once.js";
import { announce, byId, h, tell } from "../elements/dom.js";
import { shared } from "../settings/shared.js";
import { draft, keepDraft } from "../shell/drafts.js";
import { may } from "../shell/scopes.js";
import { TIME_ZONE as zone } from "../time/days.js";
import { addContact, contacts, describeContacts, mountContacts, readContact } from "./contacts.js";
import { mountCurl, showCurl } from "./curl_panel.js";
import { read, write } from "./form_values.js";
import { planOf } from "./plan.js";
import { requestOf } from "./request.js";
import { mountSavedPlans } from "./saved_plans.js";
import { describeText, mountText } from "./text_length.js";
import { clearViolation, clearViolations, showViolations } from "./violations.js";
import { describeWhen, mountWhen } from "./when.js";

/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Draft, Values } from "./request.js" */

const DRAFT = "compose";
/** Milliseconds after which the times in the plan are updated. */
const PLAN_REFRESH = 15_000;

let sending = false;

/**
 * Gives the form its life. Returns a function that ends it.
 * @param {() => Api} connected
 */
export function mountCompose(connected) {
  const form = byId("compose-form");
  mountContacts(changed);
  mountText(form, changed);
  mountWhen();
  mountCurl(() => requestOf(typed(), zone, shared.value.default_country));
  restore(/** @type {Partial<Draft> | null} */ (draft(DRAFT)));
  describe();
  const forgetPlans = mountSavedPlans(connected, typed, changed);
  form.addEventListener("input", ({ target }) => {
    clearViolation(/** @type {HTMLElement} */ (target));
    if (!form.querySelector("[aria-invalid]")) tell(byId("compose-error"), ""); // all that it was about is corrected
    changed();
  });
  form.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (key !== "Enter" || !(target instanceof HTMLInputElement)) return;
    event.preventDefault(); // a message can't be taken back: the button needs one more Enter
    byId("send").focus();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!sending) await send(connected());
  });
  const refreshing = setInterval(() => {
    if (!document.hidden && !byId("compose").hidden) describePlan(typed());
  }, PLAN_REFRESH);
  return () => {
    clearInterval(refreshing);
    forgetPlans();
  };
}

/** @param {Partial<Draft> | null} known */
function restore(known) {
  const { values = {}, contacts: kept = [] } = known ?? {};
  write(byId("message-values"), values);
  write(byId("form-values"), values);
  for (const contact of kept) addContact(contact);
  if (!kept.length) addContact();
}

/** The draft as it stands in the form. @returns {Draft} */
function typed() {
  const values = { ...read(byId("message-values")), ...read(byId("form-values")) };
  return { values: /** @type {Values} */ (/** @type {unknown} */ (values)), contacts: contacts().map(readContact) };
}

function changed() {
  describe();
  keepDraft(DRAFT, typed());
}

/** Updates everything that depends on the fields. */
function describe() {
  describeContacts(Boolean(typed().values.quiet));
  const now = typed();
  describeText(now);
  describeWhen(now);
  describePlan(now);
  showCurl();
}

/** @param {Draft} now */
function describePlan(now) {
  const { steps, facts, warning } = planOf(now, Date.now(), zone);
  if (byId("plan").textContent !== steps) byId("plan").textContent = steps;
  if (byId("plan-facts").textContent !== facts.join("")) {
    byId("plan-facts").replaceChildren(...facts.map((fact) => h("li", {}, fact)));
  }
  tell(byId("plan-warning"), warning);
  if (!sending) byId("send").textContent = sendWords(now);
}

/** @param {Draft} now */
function sendWords({ values }) {
  if (values.when === "repeat") return "Create the schedule";
  return values.when === "at" ? "Send at this time" : "Send";
}

/** @param {Api} api */
async function send(api) {
  const now = typed();
  const { path, body } = requestOf(now, zone, shared.value.default_country);
  sending = true;
  byId("send").setAttribute("aria-disabled", "true");
  byId("send").textContent = "Sending …";
  tell(byId("compose-sent"), "");
  clearViolations();
  try {
    const { body: answer } = await deliver(api, path, body);
    forget();
    announce(path === "/v1/schedules" ? "The schedule is created." : "Accepted.");
    const show = may("read") && !byId("compose").hidden;
    if (!may("read")) tell(byId("compose-sent"), `Accepted. Its ID is ${idOf(answer)}.`);
    if (show)
      location.hash =
        "schedule_uuid" in answer ? `#/schedules/${answer.schedule_uuid}` : `#/dispatches/${answer.workflow_id}`;
  } catch (error) {
    if (document.getElementById("compose-form")) showViolations(/** @type {ApiError} */ (error), now, changed);
  } finally {
    sending = false;
    if (document.getElementById("send")) {
      byId("send").removeAttribute("aria-disabled");
      describe();
    }
  }
}

/** @param {{workflow_id: string} | {schedule_uuid: string}} answer */
function idOf(answer) {
  return "workflow_id" in answer ? answer.workflow_id : answer.schedule_uuid;
}

/** Clears what belongs to this customer only; the rest of the draft stays for the next one. */
function forget() {
  for (const contact of contacts()) write(contact, { to: "" });
  write(byId("form-values"), { when: "now", client_ref: "" });
  changed();
}
