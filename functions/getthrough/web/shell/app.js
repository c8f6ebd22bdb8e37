/** The whole page: signed out, or the header, the navigation and the view that the URL names. */

import { check, failed, lost, onBack, opening, watchConnection } from "../api/connection.js";
import { Compose } from "../compose/form.js";
import { unread } from "../conversations/unread.js";
import { Messages } from "../dispatches/messages.js";
import { Newest } from "../dispatches/newest.js";
import { CommandMenu, soughtSearch, watchKeys } from "../keyboard/menu.js";
import { placeName, TIME_ZONE } from "../time/days.js";
import { effect, html, render, signal, useLayoutEffect, useRef } from "../vendor/preact.js";
import { Header } from "./header.js";
import { findRoute } from "./routes.js";
import { may } from "./scopes.js";
import { resume, session } from "./session.js";
import { Welcome } from "./welcome.js";

/** @import { Api } from "../api/api.js" */
/** @import { View } from "./routes.js" */

/** @typedef {{api: Api, id: string | null, query: URLSearchParams}} ViewProps */

/** The views that most visits begin with. @type {Record<string, (props: any) => unknown>} */
const VIEWS = { messages: Messages };

/** The other ones, once they are here. */
const others = signal(/** @type {Record<string, (props: any) => unknown> | null} */ (null));

const ZONE = placeName(TIME_ZONE);
const ZONE_LINE = `All times are ${ZONE === "UTC" ? ZONE : `${ZONE} time`}, as on this computer.`;

const hash = signal(location.hash);
addEventListener("hashchange", () => {
  hash.value = location.hash;
});

function App() {
  return html`
    <a class="skip" href="#main" onClick=${skip}>Skip to the content</a>
    <${Header} tab=${session.value ? findRoute(hash.value, may).view.tab : ""} />
    <${Offline} />
    <main id="main" tabindex="-1">${session.value ? html`<${Desk} api=${session.value.api} /><p class="hint zone-line">${ZONE_LINE}</p>` : html`<${Welcome} />`}</main>
    ${session.value && html`<${CommandMenu} api=${session.value.api} />`}`;
}

/** @param {Event} event */
function skip(event) {
  event.preventDefault(); // the URL's hash names the view
  document.getElementById("main")?.focus();
}

function Offline() {
  if (!lost.value) return null;
  return html`<section class="offline" aria-label="Connection">
    <p><strong>No connection to the server.</strong> Your drafts are safe. The console continues as soon as the connection is back.</p>
    <button type="button" onClick=${tryNow}>Try now</button>
  </section>`;
}

async function tryNow() {
  await check();
  if (!lost.value) document.getElementById("main")?.focus();
}

/** The current view. The form stays, hidden, while another view is shown: what is typed or under way goes on. @param {{api: Api}} props */
function Desk({ api }) {
  const { view, id, query } = findRoute(hash.value, may);
  const before = useRef("");
  const path = hash.value.split("?")[0] ?? "";
  useLayoutEffect(() => {
    const moved = before.current !== "" && before.current !== path;
    before.current = path || "#/";
    if (moved) scrollTo(0, 0);
    if (moved || justSignedIn) (soughtSearch() ?? heading())?.focus();
    justSignedIn = false;
  }, [path]);
  const Shown = VIEWS[view.name] ?? others.value?.[view.name];
  const composing = view.name === "compose";
  return html`<div class=${`desk ${composing ? "beside" : ""}`}>
    ${may("send") && html`<${Compose} api=${api} hidden=${!composing} />`}
    ${view.name === "forbidden" && html`<${Forbidden} view=${view} />`}
    ${!Shown && !composing && view.name !== "forbidden" && html`<${Coming} />`}
    ${Shown && html`<${Shown} key=${view.name} api=${api} id=${id} query=${query} />`}
    ${composing && may("read") && html`<${Newest} api=${api} />`}
  </div>`;
}

let justSignedIn = false;

/** Stands for a view whose module is on its way. */
function Coming() {
  useLayoutEffect(() => {
    let wanted = true;
    async function fetchOthers() {
      try {
        const { OTHERS } = await import("./others.js");
        if (wanted) requestAnimationFrame(() => heading()?.focus());
        others.value = OTHERS;
      } catch {
        failed();
      }
    }
    void fetchOthers();
    const forget = onBack(fetchOthers);
    return () => {
      wanted = false;
      forget();
    };
  }, []);
  return html`<section><p class="notice" role="status">${opening()}</p></section>`;
}

/** The heading of what was opened in the view, or of the view. @returns {HTMLElement | null} */
function heading() {
  return (
    document.querySelector("main [data-opened]") ?? document.querySelector("main section:not([hidden]) h1[tabindex]")
  );
}

/** @param {{view: View}} props */
function Forbidden({ view: { title, needs } }) {
  return html`<section>
    <h1 tabindex="-1">Not for this client</h1>
    <p>“${title}” needs a client with the scope “${needs}”. This client does not have it.</p>
    <p class="hint">Sign in as another client, or ask the person who runs this stack: <code>getthrough client change</code> gives a client more scopes.</p>
  </section>`;
}

effect(() => {
  const { view, id } = findRoute(hash.value, may);
  const count = session.value && unread.value ? `(${unread.value}) ` : "";
  const title = `${view.title}${id && view.title === "Message" ? ` ${id.slice(0, 8)}` : ""}`;
  document.title =
    count + (session.value && view.tab !== "send" ? `${title} – Getthrough console` : "Getthrough console");
});
effect(() => {
  if (session.value === null) justSignedIn = true;
});

watchConnection();
watchKeys();
resume();
const root = /** @type {HTMLElement} */ (document.getElementById("root"));
root.replaceChildren();
render(html`<${App} />`, root);
if (session.value) justSignedIn = false;
