/** The form: one message, its contacts in order, when it goes out, and what will happen then, before it does. */

import { deliver } from "../api/send_once.js";
import { announce, byId, h, tell } from "../elements/dom.js";
import { draft, keepDraft } from "../shell/drafts.js";
import { TIME_ZONE as zone } from "../time/days.js";
import { addContact, contacts, describeContacts, mountContacts, readContact } from "./contacts.js";
import { mountCurl, showCurl } from "./curl_panel.js";
import { read, write } from "./form_values.js";
import { planOf } from "./plan.js";
import { requestOf } from "./request.js";
import { describeText, mountText } from "./text_length.js";
import { complain, forgive, pardon } from "./violations.js";
import { describeWhen, mountWhen } from "./when.js";

/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Draft } from "./request.js" */

const DRAFT = "compose";
/** Milliseconds: "over by 14:32" is about now. */
const AGING = 15_000;

const form = byId("compose-form");

let sending = false;

/**
 * @param {() => Api} connected
 * @param {(dispatchUuid: string | null) => void} done   null if it was not accepted, is not sent yet, or another view is open
 */
export function mountCompose(connected, done) {
  mountContacts(changed);
  mountText(form, changed);
  mountWhen();
  mountCurl(() => requestOf(typed(), zone));
  restore(draft(DRAFT));
  describe();
  form.hidden = false;
  form.addEventListener("input", ({ target }) => {
    forgive(/** @type {HTMLElement} */ (target));
    changed();
  });
  form.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (key !== "Enter" || !(target instanceof HTMLInputElement)) return;
    event.preventDefault(); // what cannot be taken back is not sent by a slip: the button is one more Enter away
    byId("send").focus();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!sending) await send(connected(), done);
  });
  setInterval(() => {
    if (!document.hidden && !byId("compose").hidden) describePlan(typed());
  }, AGING);
}

/** @param {Partial<Draft> | null} known */
function restore(known) {
  const { values = {}, contacts: all = [] } = known ?? {};
  write(byId("message-values"), values);
  write(byId("form-values"), values);
  for (const each of all) addContact(each);
  if (!all.length) addContact();
}

/** All that was typed. @returns {Draft} */
function typed() {
  return {
    values: { ...read(byId("message-values")), ...read(byId("form-values")) },
    contacts: contacts().map(readContact),
  };
}

function changed() {
  describe();
  keepDraft(DRAFT, typed());
}

/** Brings everything that follows from the fields up to date. */
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
  if (byId("plan-facts").textContent !== facts.join(""))
    byId("plan-facts").replaceChildren(...facts.map((fact) => h("li", {}, fact)));
  tell(byId("plan-warning"), warning);
  if (!sending) byId("send").textContent = sendWords(now);
}

/** @param {Draft} now */
function sendWords({ values }) {
  if (values.when === "repeat") return "Set up the schedule";
  return values.when === "at" ? "Send at that time" : "Send";
}

/** @param {Api} api @param {(dispatchUuid: string | null) => void} done */
async function send(api, done) {
  const now = typed();
  const { path, body } = requestOf(now, zone);
  sending = true;
  byId("send").setAttribute("aria-disabled", "true");
  byId("send").textContent = "Sending …";
  pardon();
  try {
    const { body: answer } = await deliver(api, path, body);
    forget();
    announce(path === "/v1/schedules" ? "The schedule is set up." : "Accepted.");
    const left = byId("compose").hidden;
    if (answer.schedule_uuid && !left) location.hash = `#/schedules/${answer.schedule_uuid}`;
    done(left ? null : (answer.workflow_id ?? null));
  } catch (error) {
    complain(/** @type {ApiError} */ (error), now, changed);
    done(null);
  } finally {
    sending = false;
    byId("send").removeAttribute("aria-disabled");
    describe();
  }
}

/** The plan stays for the next customer; what was only this one's goes. */
function forget() {
  for (const contact of contacts()) write(contact, { to: "" });
  write(byId("form-values"), { when: "now", client_ref: "" });
  changed();
}
