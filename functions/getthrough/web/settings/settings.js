/** The view "Settings": what all users share when they write messages. */

import { CHANNEL_LIST, channelName, channelOf } from "../channels/channels.js";
import { announce } from "../elements/dom.js";
import { AskTwice, Moment, Notice, Press } from "../elements/ui.js";
import { may } from "../shell/scopes.js";
import { duration, trouble } from "../text/words.js";
import { html, useEffect, useState } from "../vendor/preact.js";
import { stepsWords, withSender } from "./saved.js";
import { changeShared, readShared, shared } from "./shared.js";

/** @import { Plan, Sender, Settings } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */

/** @typedef {(change: (now: Settings) => Partial<Settings>, done: string) => Promise<boolean>} Change */

const COUNTRY = new Intl.DisplayNames("en", { type: "region" });

/** @param {{api: Api}} props */
export function SettingsView({ api }) {
  const [problem, setProblem] = useState("");
  const { senders, plans, changed_at: at, changed_by: who, version } = shared.value;
  const admin = may("admin");
  /** @param {unknown} error @param {"load" | "change"} attempt */
  const fail = (error, attempt) => setProblem(problemOf(/** @type {ApiError} */ (error), attempt));
  useEffect(() => {
    readShared(api).catch((error) => fail(error, "load"));
  }, []);
  /** @type {Change} */
  async function change(wanted, done) {
    setProblem("");
    try {
      await changeShared(api, wanted);
      announce(done);
      return true;
    } catch (error) {
      fail(error, "change");
      return false;
    }
  }
  return html`<section id="settings">
    <h1 id="settings-title" tabindex="-1">Settings</h1>
    <p class="hint">All users of this stack share them. ${at && html`Changed by ${who}, <${Moment} at=${at} />.`} ${!admin && "A client with the scope “admin” can change them."}</p>
    <${Notice} bad text=${problem} />
    <h2>Usual country</h2>
    <${Country} key=${`country ${version}`} change=${change} />
    <h2>Senders</h2>
    <p class="hint">New messages offer them. The first of a channel is filled in.</p>
    ${!senders.length && html`<p class="empty">No sender is saved yet.</p>`}
    <ul class="rows" id="saved-senders">${senders.map(
      (
        sender,
      ) => html`<li key=${`${sender.channel} ${sender.from}`} class="saved"><span><b>${sender.from}</b> <span class="badge">${channelName(sender.channel)}</span></span>
      ${admin && html`<${Press} class="quiet" act=${() => change(({ senders: now }) => ({ senders: now.filter((one) => !same(one, sender)) }), "Removed.")}>Remove<span class="unseen"> ${sender.from}</span><//>`}</li>`,
    )}</ul>
    ${admin && html`<${AddSender} change=${change} />`}
    <h2>Plans</h2>
    <p class="hint">Which channels to try, in which order, and how long.<span data-needs="admin"> Keep one where you <a href="#/">write a message</a>.</span> <a href="#/windows" data-needs="read">How long should a message wait?</a></p>
    ${!plans.length && html`<p class="empty">No plan is saved yet.</p>`}
    <ul class="rows" id="saved-plan-list">${plans.map((plan) => html`<${SavedPlan} key=${plan.name} plan=${plan} change=${change} />`)}</ul>
  </section>`;
}

/** @param {{plan: Plan, change: Change}} props */
function SavedPlan({ plan, change }) {
  const remove = () => change(({ plans }) => ({ plans: plans.filter(({ name }) => name !== plan.name) }), "Removed.");
  return html`<li class="saved"><span><b>${plan.name}</b> <span class="hint">${stepsWords(plan, duration)}</span></span>
    ${may("admin") && html`<${AskTwice} class="quiet" label="Remove" question="Remove it for all?" act=${remove} />`}</li>`;
}

/** @param {{change: Change}} props */
function Country({ change }) {
  const { default_country: country } = shared.value;
  const [typed, setTyped] = useState(country ?? "");
  const code = typed.trim().toUpperCase();
  const save = () => change(() => ({ default_country: code || null }), "Saved.");
  if (!may("admin"))
    return html`<p>${country ? `${COUNTRY.of(country)} (${country})` : "None: numbers need a country code."}</p>`;
  return html`<div class="saving"><p class="field"><label for="usual-country">Country</label>
      <input id="usual-country" maxlength="2" placeholder="GB" autocapitalize="characters" spellcheck=${false} value=${typed} aria-describedby="usual-country-hint" onInput=${(/** @type {any} */ event) => setTyped(event.target.value)} />
</p>
    <${Press} act=${save}>Save<span class="unseen"> the country</span><//></div>
    <p class="hint" id="usual-country-hint">${/^[A-Z]{2}$/.test(code) ? `${COUNTRY.of(code)}: numbers such as 07700 900001 need no country code.` : "Two letters, such as GB. Numbers without a country code are of this country."}</p>`;
}

/** @param {{change: Change}} props */
function AddSender({ change }) {
  const [channel, setChannel] = useState("sms");
  const [from, setFrom] = useState("");
  async function add() {
    const sender = { channel, from: from.trim() };
    if (sender.from && (await change(({ senders }) => ({ senders: withSender(senders, sender) }), "Added.")))
      setFrom("");
  }
  return html`<div class="saving"><p class="field"><label for="sender-channel">Channel</label><select id="sender-channel" value=${channel} onChange=${(/** @type {any} */ event) => setChannel(event.target.value)}>
      ${CHANNEL_LIST.map((one) => html`<option value=${one} selected=${one === channel}>${channelName(one)}</option>`)}</select></p>
    <p class="field"><label for="sender-from">From</label><input id="sender-from" maxlength="100" spellcheck=${false} autocapitalize="none" value=${from} placeholder=${channelOf(channel).from.example} onInput=${(/** @type {any} */ event) => setFrom(event.target.value)} /></p>
    <${Press} act=${add}>Add<span class="unseen"> the sender</span><//></div>`;
}

/** @param {Sender} one @param {Sender} other */
function same(one, other) {
  return one.channel === other.channel && one.from === other.from;
}

/** @param {ApiError} error @param {"load" | "change"} attempt */
function problemOf(error, attempt) {
  const reasons = (error.problem?.invalid_parameters ?? []).map(({ name, reason }) => `${placeOf(name)} ${reason}`);
  return reasons.join(" ") || trouble(error, attempt);
}

/** @param {string} name */
function placeOf(name) {
  if (name === "default_country") return "The country";
  return name.startsWith("senders[") ? "The sender" : `“${name}”`;
}
