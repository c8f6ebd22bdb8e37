/** Signing in and out, and which view is shown. The secret lives in this tab's sessionStorage and nowhere else. */

import { connect } from "./api.js";
import { mountCompose } from "./compose.js";
import { announce, byId, tell } from "./dom.js";
import { openList } from "./list.js";
import { openTimeline } from "./timeline.js";
import { trouble } from "./words.js";

/** @import { Api, ApiError } from "./api.js" */

const KEPT = "getthrough.client";
const DISPATCH = /^#\/dispatches\/([0-9a-f-]{36})$/;

/** @type {Api | null} */
let api = null;
/** @type {ReturnType<typeof openList> | null} */
let list = null;
/** @type {(() => void) | null} */
let stopTimeline = null;

byId("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = value("name");
  const secret = value("secret");
  tell(byId("sign-in-error"), "");
  try {
    await connect(name, secret, () => {}).list(1);
  } catch (error) {
    tell(byId("sign-in-error"), trouble(/** @type {ApiError} */ (error), "sign in"));
    byId("secret").focus();
    return;
  }
  sessionStorage.setItem(KEPT, JSON.stringify({ name, secret }));
  /** @type {HTMLFormElement} */ (byId("sign-in")).reset();
  enter(name, secret);
  route(true);
  announce(`Signed in as ${name}.`);
});

byId("sign-out").addEventListener("click", () => {
  sessionStorage.removeItem(KEPT);
  location.replace("#/");
  location.reload(); // nothing that was typed or shown stays in memory
});

byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address says which view is shown
  byId("main").focus();
});

window.addEventListener("hashchange", () => route(true));

mountCompose(
  () => /** @type {Api} */ (api),
  (uuid) => {
    if (uuid) location.hash = `#/dispatches/${uuid}`;
    list?.now();
  },
);

const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
if (kept) {
  enter(kept.name, kept.secret);
  route(false);
} else {
  leave("");
}

/** @param {string} id */
function value(id) {
  return /** @type {HTMLInputElement} */ (byId(id)).value;
}

/** @param {string} name @param {string} secret */
function enter(name, secret) {
  api = connect(name, secret, () => {
    sessionStorage.removeItem(KEPT);
    leave(`The secret of ${name} is no longer accepted. Sign in again; what you typed is still there.`);
  });
  byId("client").textContent = name;
  list = openList(api, openDispatch);
  show(true);
}

/** Shows the sign-in form; what was typed into the other one stays. @param {string} why */
function leave(why) {
  list?.stop();
  stopTimeline?.();
  api = list = stopTimeline = null;
  show(false);
  tell(byId("sign-in-error"), why);
  if (why) byId("name").focus();
}

/** @param {boolean} inside */
function show(inside) {
  byId("welcome").hidden = inside;
  byId("desk").hidden = byId("who").hidden = !inside;
}

function openDispatch() {
  return DISPATCH.exec(location.hash)?.[1] ?? null;
}

/** Shows what the address says. @param {boolean} moved   the reader went there: take the keyboard along */
function route(moved) {
  if (!api) return;
  const uuid = openDispatch();
  stopTimeline?.();
  stopTimeline = uuid ? openTimeline(api, uuid, () => list?.now()) : null;
  byId("dispatch").hidden = !uuid;
  byId("compose").hidden = Boolean(uuid);
  byId("desk").classList.toggle("reading", Boolean(uuid));
  document.title = uuid ? `Dispatch ${uuid.slice(0, 8)} – Getthrough` : "Getthrough";
  list?.mark();
  if (moved) scrollTo(0, 0);
  if (moved && !uuid) byId("compose-title").focus();
}
