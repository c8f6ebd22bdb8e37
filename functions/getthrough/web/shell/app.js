/** Signing in and out, and which view is shown. The secret lives in this tab's sessionStorage and nowhere else. */

import { connect } from "../api/api.js";
import { failed, mindConnection, onBack } from "../api/connection.js";
import { announce, byId, tell } from "../elements/dom.js";
import { trouble } from "../text/words.js";
import { findRoute, loadAll } from "./routes.js";

/** @import { Api, ApiError } from "../api/api.js" */
/** @import { Watch } from "../api/watch.js" */

const KEPT = "getthrough.client";

/** @type {Api | null} */
let api = null;
/** @type {(Watch & {mark: () => void}) | null} */
let list = null;
/** @type {(() => void) | null} */
let stopView = null;
/** How often the view changed: what is loaded for a view that was left meanwhile is not shown. */
let turn = 0;
let unopened = false;

byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (byId("sign-in-button").hasAttribute("aria-disabled")) return;
  const name = value("name").trim();
  const secret = value("secret");
  tell(byId("sign-in-error"), "");
  byId("sign-in-button").setAttribute("aria-disabled", "true");
  try {
    await connect(name, secret, () => {}).list(1);
  } catch (error) {
    tell(byId("sign-in-error"), trouble(/** @type {ApiError} */ (error), "sign in"));
    byId("secret").focus();
    return;
  } finally {
    byId("sign-in-button").removeAttribute("aria-disabled");
  }
  sessionStorage.setItem(KEPT, JSON.stringify({ name, secret }));
  /** @type {HTMLFormElement} */ (byId("sign-in")).reset();
  enter(name, secret);
  route(true);
  announce(`Signed in as ${name}.`);
});

byId("sign-out").addEventListener("click", () => {
  sessionStorage.clear();
  location.replace("#/");
  location.reload(); // nothing that was typed or shown stays in memory
});

byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address says which view is shown
  byId("main").focus();
});

addEventListener("hashchange", () => route(true));
mindConnection();
onBack(() => {
  if (unopened) route(false);
});

const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
if (kept) {
  enter(kept.name, kept.secret);
  route(false);
} else {
  leave("");
}
addEventListener("load", loadAll); // a view that is here already opens without the network

/** @param {string} id */
function value(id) {
  return /** @type {HTMLInputElement} */ (byId(id)).value;
}

/** @param {string} name @param {string} secret */
function enter(name, secret) {
  const mine = connect(name, secret, () => {
    if (api !== mine) return;
    sessionStorage.removeItem(KEPT);
    leave(`The secret of ${name} is no longer accepted. Sign in again; what you typed is still there.`, name);
  });
  api = mine;
  byId("client").textContent = name;
  show(true);
}

/** Shows the sign-in form; what was typed into the other ones stays. @param {string} why @param {string} [name]   who was signed in */
function leave(why, name = "") {
  turn++;
  list?.stop();
  stopView?.();
  api = list = stopView = null;
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

/** Shows what the address says. @param {boolean} moved   the reader went there: take the keyboard along */
async function route(moved) {
  if (!api) return;
  const mine = ++turn;
  const current = api;
  const { view, id } = findRoute(location.hash);
  stopView?.();
  stopView = null;
  for (const section of /** @type {NodeListOf<HTMLElement>} */ (byId("desk").querySelectorAll(":scope > section"))) {
    section.hidden = section.id !== view.section;
  }
  for (const link of /** @type {NodeListOf<HTMLElement>} */ (byId("views").querySelectorAll("a"))) {
    if (link.dataset.view === view.tab) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  byId("desk").classList.toggle("beside", Boolean(view.beside));
  byId("desk").classList.toggle("reading", view.section === "dispatch");
  document.title =
    view.tab === "send" ? "Getthrough" : `${view.title}${id && id !== "new" ? ` ${id.slice(0, 8)}` : ""} – Getthrough`;
  list?.mark();
  if (moved) scrollTo(0, 0);
  if (moved) document.getElementById(`${view.section}-title`)?.focus();
  const loaded = await Promise.all([view.load(), import("./newest.js")]).catch(() => null);
  if (mine !== turn) return;
  tell(
    byId("view-notice"),
    loaded
      ? ""
      : "This view could not be loaded. It opens by itself once the connection is back; if it does not, reload the page.",
  );
  if (!loaded && !unopened) failed(); // a second time it is not the connection, or somebody else finds out
  unopened = !loaded;
  if (!loaded) return;
  const [opened, { openList }] = loaded;
  list ??= openList(current, openDispatch);
  stopView = opened({ api: current, id, connected: () => /** @type {Api} */ (api), changed });
}

/** A dispatch was made, or changed. @param {string | null} [uuid]   one to show */
function changed(uuid) {
  if (uuid) location.hash = `#/dispatches/${uuid}`;
  list?.now();
}

function openDispatch() {
  const { view, id } = findRoute(location.hash);
  return view.section === "dispatch" ? id : null;
}
