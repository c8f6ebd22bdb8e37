/** Sign-in, sign-out and the current view. The secret is kept in this tab's sessionStorage only. */

import { connect } from "../api/api.js";
import { watchConnection } from "../api/connection.js";
import { announce, byId, parts, tell } from "../elements/dom.js";
import { trouble } from "../text/words.js";
import { openNewest } from "./newest.js";
import { findRoute } from "./routes.js";
import { grant, may, scopeWords } from "./scopes.js";

/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Watch } from "../api/watch.js" */
/** @import { Scope } from "./scopes.js" */

const KEPT = "getthrough.client";

/** @type {Api | null} */
let api = null;
/** @type {(Watch & {mark: () => void}) | null} */
let newest = null;
/** @type {(() => void) | null} */
let stopView = null;

byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (byId("sign-in-button").hasAttribute("aria-disabled")) return;
  const name = value("name").trim();
  const secret = value("secret");
  /** @type {Scope[]} */
  let scopes;
  tell(byId("sign-in-error"), "");
  byId("sign-in-button").setAttribute("aria-disabled", "true");
  try {
    scopes = (await connect(name, secret, () => {}).get("/v1/me", {})).body.scopes;
  } catch (error) {
    tell(byId("sign-in-error"), trouble(/** @type {ApiError} */ (error), "sign in"));
    byId("secret").focus();
    return;
  } finally {
    byId("sign-in-button").removeAttribute("aria-disabled");
  }
  sessionStorage.setItem(KEPT, JSON.stringify({ name, secret, scopes }));
  /** @type {HTMLFormElement} */ (byId("sign-in")).reset();
  enter(name, secret, scopes);
  route(true);
  announce(`Signed in as ${name}.`);
});

byId("sign-out").addEventListener("click", () => {
  sessionStorage.clear();
  location.replace("#/");
  location.reload(); // nothing stays in memory
});

byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the URL's hash names the view
  byId("main").focus();
});

addEventListener("hashchange", () => route(true));
watchConnection();

const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
if (kept?.scopes) {
  enter(kept.name, kept.secret, kept.scopes);
  route(false);
} else {
  leave("");
}

/** @param {string} id */
function value(id) {
  return /** @type {HTMLInputElement} */ (byId(id)).value;
}

/** @param {string} name @param {string} secret @param {Scope[]} scopes */
function enter(name, secret, scopes) {
  const mine = connect(name, secret, () => {
    if (api !== mine) return;
    sessionStorage.removeItem(KEPT);
    leave(`The secret of ${name} is no longer accepted. Sign in again. Your drafts are kept.`, name);
  });
  api = mine;
  grant(scopes);
  byId("client").textContent = name;
  byId("scopes").textContent = scopeWords();
  show(true);
}

/** Shows the sign-in form. Drafts are kept. @param {string} why @param {string} [name]   the client that was signed in */
function leave(why, name = "") {
  newest?.stop();
  stopView?.();
  api = newest = stopView = null;
  show(false);
  tell(byId("sign-in-error"), why);
  if (name) /** @type {HTMLInputElement} */ (byId("name")).value = name;
  if (why) byId(name ? "secret" : "name").focus();
}

/** @param {boolean} inside */
function show(inside) {
  byId("welcome").hidden = inside;
  byId("desk").hidden = byId("who").hidden = byId("views").hidden = !inside;
}

/** Shows the view of the URL. @param {boolean} moved   the reader navigated there, so the focus moves along */
function route(moved) {
  if (!api) return;
  const { view, id } = findRoute(location.hash);
  stopView?.();
  stopView = null;
  for (const section of parts(byId("desk"), ":scope > section")) {
    section.hidden = section.id !== view.section;
  }
  for (const link of parts(byId("views"), "a")) {
    if (link.dataset.view === view.tab) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  byId("desk").classList.toggle("beside", Boolean(view.beside));
  byId("desk").classList.toggle("reading", view.section === "dispatch");
  const title = `${view.title}${id && id !== "new" ? ` ${id.slice(0, 8)}` : ""}`;
  document.title = view.tab === "send" ? "Getthrough console" : `${title} – Getthrough console`;
  newest?.mark();
  if (moved) scrollTo(0, 0);
  if (moved) document.getElementById(`${view.section}-title`)?.focus();
  if (may("read")) newest ??= openNewest(api, openDispatch);
  stopView = view.open({ api, id, connected: () => /** @type {Api} */ (api), changed });
}

/** A dispatch was created or changed. @param {string | null} [uuid]   one to show */
function changed(uuid) {
  if (uuid) location.hash = `#/dispatches/${uuid}`;
  newest?.now();
}

function openDispatch() {
  const { view, id } = findRoute(location.hash);
  return view.section === "dispatch" ? id : null;
}
