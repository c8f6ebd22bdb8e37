/** The header: the navigation, with what is new, and who is signed in. */

import { unread } from "../conversations/unread.js";
import { openMenu } from "../keyboard/menu.js";
import { problemCount } from "../problems/problem_count.js";
import { html } from "../vendor/preact.js";
import { may, scopeWords } from "./scopes.js";
import { session, signOut } from "./session.js";

/** @import { Scope } from "./scopes.js" */

/** @type {{tab: string, href: string, name: string, needs: Scope, drawing: string}[]} */
const ENTRIES = [
  { tab: "send", href: "#/", name: "New message", needs: "send", drawing: "M21 3 10 14M21 3l-7 18-4-7-7-4z" },
  {
    tab: "dispatches",
    href: "#/dispatches",
    name: "Messages",
    needs: "read",
    drawing: "M4 6h1M9 6h11M4 12h1M9 12h11M4 18h1M9 18h11",
  },
  { tab: "inbox", href: "#/inbox", name: "Inbox", needs: "read", drawing: "M3 4h13v9H8l-5 4zM16 8h5v12l-4-3h-7v-4" },
  {
    tab: "planned",
    href: "#/planned",
    name: "Planned",
    needs: "read",
    drawing: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l4 2",
  },
  {
    tab: "customers",
    href: "#/customers",
    name: "Customers",
    needs: "read",
    drawing: "M9 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M2 21c0-5 3-7 7-7s7 2 7 7M16 4a4 4 0 0 1 0 8M22 21c0-4-1.500-6-4-6.700",
  },
  { tab: "problems", href: "#/problems", name: "Problems", needs: "read", drawing: "m12 3 10 18H2zM12 10v5M12 18v.1" },
  { tab: "activity", href: "#/activity", name: "Activity", needs: "admin", drawing: "M3 12h4l3-8 4 16 3-8h4" },
];

/** @param {{tab: string}} props   the current entry */
export function Header({ tab }) {
  /** @type {Record<string, number | string>} */
  const counts = { inbox: unread.value, problems: problemCount.value };
  return html`<header class=${session.value ? "top inside" : "top"}>
    <a class="brand" href="#/"><img src="/assets/favicon.svg" alt="" width="28" height="28" /><span>Getthrough</span><span class="unseen"> console</span></a>
    ${
      session.value &&
      html`<nav id="views" aria-label="Views">
      ${ENTRIES.filter(({ needs }) => may(needs)).map(
        (entry) => html`
        <a key=${entry.tab} href=${entry.href} data-tab=${entry.tab} aria-current=${entry.tab === tab ? "page" : undefined}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d=${entry.drawing} /></svg> ${entry.name}${
            counts[entry.tab]
              ? html`<span class="count"><span class="unseen">, </span>${counts[entry.tab]}<span class="unseen"> new</span></span>`
              : ""
          }</a>`,
      )}
    </nav>`
    }
    <p class="who">
      ${session.value && html`<button type="button" class="quiet search" aria-keyshortcuts="Control+K Meta+K" onClick=${openMenu}>Search <kbd>Ctrl K</kbd></button>`}
      ${session.value && may("send") && html`<a href="#/settings" aria-current=${tab === "settings" ? "page" : undefined}>Settings</a>`}
      <a href="/docs">Docs</a>
      ${
        session.value &&
        html`<span class="who"><span class="client"><span class="unseen">Signed in as </span><strong id="client">${session.value.name}</strong> <span class="hint" id="scopes">${scopeWords()}</span></span>
      <button type="button" class="quiet" id="sign-out" onClick=${signOut}>Sign out</button></span>`
      }
    </p>
  </header>`;
}
