/** The command menu, the list of keys, and what keys do in every view. */

import { dispatchOf } from "../dispatches/messages.js";
import { read } from "../dispatches/query.js";
import { shared } from "../settings/shared.js";
import { nameOf } from "../shell/places.js";
import { findRoute, linkTo } from "../shell/routes.js";
import { may } from "../shell/scopes.js";
import { session, signOut } from "../shell/session.js";
import { html, signal, useEffect, useRef, useState } from "../vendor/preact.js";
import { commandOf, HELP, ordered, PLACES } from "./keys.js";

/** @import { Api } from "../api/api.js" */

const CHORD = 1_500; // milliseconds to wait for the second key

/** What is open: nothing, the menu or the list of keys. */
const shown = signal(/** @type {"" | "menu" | "help"} */ (""));

export function openMenu() {
  shown.value = "menu";
}

/** Listens to keys everywhere. */
export function watchKeys() {
  let chordUntil = 0;
  addEventListener("keydown", (event) => {
    if (!session.value || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const typing = target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select");
    const command = commandOf(event, { typing, chord: Date.now() < chordUntil, dialog: shown.value !== "" });
    chordUntil = command?.kind === "chord" ? Date.now() + CHORD : 0;
    if (!command) return;
    if (command.kind !== "leave") event.preventDefault();
    if (command.kind === "menu" || command.kind === "help") shown.value = command.kind;
    if (command.kind === "go") location.hash = command.to;
    if (command.kind === "search") search();
    if (command.kind === "next") step(1);
    if (command.kind === "previous") step(-1);
    if (command.kind === "leave") target.blur();
  });
}

let searching = false;

/** Focuses the search of the view, or goes to the messages, whose search is then what gets the focus. */
function search() {
  const field = /** @type {HTMLElement | null} */ (document.querySelector("main input[type=search]"));
  if (field) field.focus();
  else {
    searching = true;
    location.hash = "#/dispatches";
  }
}

/** The search, if it was for it that the view was changed. @returns {HTMLElement | null} */
export function soughtSearch() {
  const sought = searching ? document.getElementById("find-text") : null;
  searching = false;
  return sought;
}

/** Focuses the next row of the list, or opens it where the message stands beside the list. @param {number} by */
function step(by) {
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("main [data-row]")]);
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const here = at >= 0 ? at : all.findIndex((one) => one.getAttribute("aria-current") === "page");
  const row = all[Math.max(0, Math.min(all.length - 1, here + by))];
  row?.focus();
  if (document.querySelector(".split")) row?.click();
}

/** @param {{api: Api}} props */
export function CommandMenu({ api }) {
  if (shown.value === "help") return html`<${Keys} />`;
  return shown.value === "menu" ? html`<${Menu} api=${api} />` : null;
}

/** A dialog; leaving it gives the focus back. @param {{label: string, children?: unknown}} props */
function Dialog({ label, children }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => dialog.current?.showModal(), []);
  return html`<dialog ref=${dialog} class="card menu" aria-label=${label} onClose=${close} onClick=${(/** @type {Event} */ event) => event.target === dialog.current && close()}>${children}</dialog>`;
}

function close() {
  shown.value = "";
}

function Keys() {
  return html`<${Dialog} label="Keys">
    <h2>Keys</h2>
    <dl class="keys">${HELP.map(([key, words]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${words}</dd></div>`)}
      ${Object.entries(PLACES).map(([key, { name }]) => html`<div><dt><kbd>g ${key}</kbd></dt><dd>${name}</dd></div>`)}</dl>
    <button type="button" autofocus onClick=${close}>Close</button>
  <//>`;
}

/** @typedef {{name: string, act: () => void}} Entry */

/** @param {{api: Api}} props */
function Menu({ api }) {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const entries = ordered(finding(api, typed), commands(), typed);
  const chosen = entries[Math.min(at, entries.length - 1)];
  /** @param {Entry | undefined} entry */
  function run(entry) {
    close();
    entry?.act();
  }
  /** @param {KeyboardEvent} event */
  function key(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    if (by) setAt(Math.max(0, Math.min(entries.length - 1, at + by)));
    if (event.key === "Enter") run(chosen);
    if (by || event.key === "Enter") event.preventDefault();
  }
  return html`<${Dialog} label="Search and commands">
    <input type="text" id="menu-text" role="combobox" aria-expanded="true" aria-controls="menu-list" aria-activedescendant=${chosen ? `menu-${entries.indexOf(chosen)}` : undefined} aria-label="Search and commands" autofocus autocomplete="off" spellcheck=${false}
      placeholder="A number, an ID, a reference or a command" value=${typed} onKeyDown=${key} onInput=${(
        /** @type {any} */ event,
      ) => {
        setTyped(event.target.value);
        setAt(0);
      }} />
    <ul id="menu-list" role="listbox" aria-label="Commands">${entries.map((entry, index) => html`<li key=${entry.name} id=${`menu-${index}`} role="option" aria-selected=${String(entry === chosen)} onClick=${() => run(entry)}>${entry.name}</li>`)}</ul>
  <//>`;
}

/** @returns {Entry[]} */
function commands() {
  const views = Object.values(PLACES)
    .filter(({ to }) => findRoute(to, may).view.name !== "forbidden" && (to !== "#/" || may("send")))
    .map(({ name, to }) => ({
      name,
      act: () => {
        location.hash = to;
      },
    }));
  return [
    ...views,
    {
      name: "Messages that were not delivered",
      act: () => {
        location.hash = "#/dispatches?outcome=exhausted";
      },
    },
    {
      name: "Messages in progress",
      act: () => {
        location.hash = "#/dispatches?outcome=open";
      },
    },
    {
      name: "Keys",
      act: () => {
        shown.value = "help";
      },
    },
    { name: "API documentation", act: () => location.assign("/docs") },
    { name: "Sign out", act: signOut },
  ];
}

/** What one can look up with what is typed. @param {Api} api @param {string} typed @returns {Entry[]} */
function finding(api, typed) {
  if (!may("read") || typed.trim().length < 3) return [];
  const query = read(typed, "", shared.value);
  if (query.kind === "id") {
    return [
      {
        name: `Open ${query.id}`,
        act: () =>
          void dispatchOf(api, query.id).then(
            (found) => {
              if (found) location.hash = `#/dispatches/${found}`;
            },
            () => {},
          ),
      },
    ];
  }
  const text = typed.trim();
  const list = () => {
    location.hash = linkTo("#/dispatches", { q: nameOf(text) });
  };
  if (query.kind === "contacts") {
    const [contact] = query.contacts;
    return [
      { name: `Messages to ${query.address}`, act: list },
      ...(contact
        ? [
            {
              name: `Customer ${query.address}`,
              act: () => {
                location.hash = `#/customers/${nameOf(contact)}`;
              },
            },
          ]
        : []),
    ];
  }
  return query.kind === "reference" ? [{ name: `Messages with the reference “${text}”`, act: list }] : [];
}
