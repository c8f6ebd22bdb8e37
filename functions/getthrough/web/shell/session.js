/**
 * Who is signed in. It is kept in the tab's sessionStorage, and the secret not as it is. A tab that opens asks the others
 * of the same browser, and signing out ends all of them: those that show another page, or that the browser has put to
 * sleep, as soon as they show the console again.
 */

import { connect } from "../api/api.js";
import { forgetLists } from "../lists/use_list.js";
import { signal } from "../vendor/preact.js";
import { acceptPlaces, keptPlaces } from "./places.js";
import { grant } from "./scopes.js";
import { seal, unseal, unsealNoMore } from "./sealed.js";

/** @import { Api } from "../api/api.js" */
/** @import { Scope } from "./scopes.js" */

/** Whose this tab is, also once the secret is refused. `after` is the sign-out that came last before. @typedef {{name: string, after: string}} Owner */
/** @typedef {Owner & {secret: string, scopes: Scope[]}} Client */
/** `half` is a half of the secret. @typedef {Owner & {half: string, scopes: Scope[]}} Kept */

const KEPT = "getthrough.client";
/** When someone signed out last in this browser. A session that began before is over. */
const SIGNED_OUT = "getthrough.signed-out";

/** The connection of the client that is signed in, or null. */
export const session = signal(/** @type {{name: string, api: Api} | null} */ (null));
/** Why the sign-in form is shown again, and for whom. */
export const refusal = signal({ why: "", name: "" });

const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("getthrough") : null;

/** Signs in. Throws the API's error. @param {string} name @param {string} secret */
export async function signIn(name, secret) {
  const after = lastSignOut();
  const { scopes } = (await connect(name, secret, () => {}).get("/v1/me", {})).body;
  if (after === lastSignOut()) keep({ name, secret, scopes, after });
  else forget(); // someone signed out before the answer came
}

/** Signs out in all tabs. Nothing stays in memory. */
export function signOut() {
  localStorage.setItem(SIGNED_OUT, `${Date.now()}`);
  tabs?.postMessage({ kind: "sign out" });
  forget();
}

function lastSignOut() {
  return localStorage.getItem(SIGNED_OUT) ?? "";
}

/** Takes up the session of this tab or of another one. */
export function resume() {
  tabs?.addEventListener("message", ({ data }) => hear(data));
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted && isOver()) forget(); // the page comes back as it was, with all that it showed
  });
  const client = stored();
  if (isOver()) forget();
  else if (client) enter(client);
  else tabs?.postMessage({ kind: "who" });
}

/** Whether someone has signed out since this tab's session began. */
function isOver() {
  const mine = owner();
  return mine !== null && mine.after !== lastSignOut();
}

/** @param {{kind: string, client?: Client, places?: Record<string, unknown>}} data */
function hear({ kind, client, places }) {
  const mine = isOver() ? null : stored();
  if (kind === "who" && mine) tabs?.postMessage({ kind: "client", client: mine, places: keptPlaces() });
  if (kind === "client" && client?.after === lastSignOut() && !session.value && !refusal.value.why) {
    acceptPlaces(places ?? {});
    keep(client);
  }
  if (kind === "sign out" && sessionStorage.length) forget(); // also drafts, where the secret was refused
}

function forget() {
  addEventListener("pagehide", () => sessionStorage.clear()); // also what is kept while the page goes
  sessionStorage.clear();
  unsealNoMore();
  location.replace("#/");
  location.reload();
}

/** @returns {Owner | Kept | null} */
function owner() {
  return JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
}

/** @returns {Client | null} */
function stored() {
  const mine = owner();
  if (!mine || !("half" in mine)) return null;
  const { name, scopes, after, half } = mine;
  const secret = unseal(half);
  return secret === null ? null : { name, secret, scopes, after };
}

/** @param {Client} client */
function keep(client) {
  const before = owner();
  const isAnother = before !== null && before.name !== client.name;
  if (isAnother) sessionStorage.clear(); // the drafts are someone else's, and so is what is in memory
  const { name, secret, scopes, after } = client;
  sessionStorage.setItem(KEPT, JSON.stringify({ name, scopes, after, half: seal(secret) }));
  if (isAnother) location.reload();
  else enter(client);
}

/** @param {Client} client */
function enter({ name, secret, scopes, after }) {
  const api = connect(name, secret, () => {
    if (session.value?.api !== api) return;
    sessionStorage.setItem(KEPT, JSON.stringify({ name, after }));
    unsealNoMore();
    refusal.value = {
      why: `The secret of ${name} is no longer accepted. Sign in again. Your drafts are kept.`,
      name,
    };
    session.value = null;
  });
  forgetLists();
  grant(scopes);
  refusal.value = { why: "", name: "" };
  session.value = { name, api };
}
