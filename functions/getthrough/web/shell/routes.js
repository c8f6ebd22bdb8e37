/** Maps URLs to views. */

import { openBatches } from "../batches/batches.js";
import { mountCompose } from "../compose/compose.js";
import { openConversations } from "../conversations/conversations.js";
import { openTimeline } from "../dispatch/timeline.js";
import { openDispatches } from "../dispatches/dispatches.js";
import { byId } from "../elements/dom.js";
import { openSchedules } from "../schedules/schedules.js";
import { may } from "./scopes.js";

/** @import { Api } from "../api/api.js" */
/** @import { Scope } from "./scopes.js" */

/**
 * @typedef {object} Opening   the arguments of a view
 * @property {Api} api
 * @property {string | null} id   from the URL
 * @property {() => Api} connected   the current client, for a view that stays open through another sign-in
 * @property {(uuid?: string | null) => void} changed   a dispatch was created or changed; `uuid` is one to show
 */

/**
 * @typedef {object} View
 * @property {RegExp} at   the URL's hash; the group is the id
 * @property {string} section   the id of its element; its heading has the same id with -title
 * @property {string} tab   the current entry of the navigation
 * @property {string} title
 * @property {Scope} [needs]   what a client must be allowed to do
 * @property {boolean} [beside]   with the newest messages beside it
 * @property {(opening: Opening) => (() => void) | null} open   returns a function that stops it
 */

const UUID = "[0-9a-f-]{36}";
let composing = false;

/** @type {View} */
const SEND = {
  at: /^(#\/?)?$/,
  section: "compose",
  tab: "send",
  title: "New message",
  needs: "send",
  beside: true,
  open: ({ connected, changed }) => {
    if (!composing) mountCompose(connected, changed);
    composing = true; // it stays open when another view is shown
    return null;
  },
};

/** @type {View} */
const MESSAGES = {
  at: /^#\/dispatches$/,
  section: "dispatches",
  tab: "dispatches",
  title: "Messages",
  needs: "read",
  open: ({ api }) => openDispatches(api),
};

/** @type {View[]} */
const VIEWS = [
  SEND,
  {
    at: new RegExp(`^#/dispatches/(${UUID})$`),
    section: "dispatch",
    tab: "dispatches",
    title: "Message",
    needs: "read",
    beside: true,
    open: ({ api, id, changed }) => openTimeline(api, /** @type {string} */ (id), changed),
  },
  MESSAGES,
  {
    at: /^#\/conversations(?:\/(open))?$/,
    section: "conversations",
    tab: "conversations",
    title: "Conversations",
    needs: "read",
    open: ({ api, id }) => openConversations(api, id),
  },
  {
    at: new RegExp(`^#/schedules(?:/(${UUID}))?$`),
    section: "schedules",
    tab: "schedules",
    title: "Schedules",
    needs: "read",
    open: ({ api, id }) => openSchedules(api, id),
  },
  {
    at: /^#\/batches\/(new)$/,
    section: "batches",
    tab: "batches",
    title: "New batch",
    needs: "operate",
    open: ({ api, id }) => openBatches(api, id),
  },
  {
    at: new RegExp(`^#/batches(?:/(${UUID}))?$`),
    section: "batches",
    tab: "batches",
    title: "Send to many",
    needs: "read",
    open: ({ api, id }) => openBatches(api, id),
  },
];

/** What a client sees instead of a view that it may not use. @param {View} view @returns {View} */
function forbidden({ title, needs }) {
  return {
    at: /^/,
    section: "forbidden",
    tab: "",
    title: "Not for this client",
    open: () => {
      byId("forbidden-words").textContent =
        `“${title}” needs a client with the scope “${needs}”. This client does not have it.`;
      return null;
    },
  };
}

/**
 * The view of a URL's hash; the form for an unknown one, or the messages if the client may not send.
 * @param {string} hash
 * @returns {{view: View, id: string | null}}
 */
export function findRoute(hash) {
  const named = VIEWS.find(({ at }) => at.test(hash)) ?? SEND;
  const view = named === SEND && !may("send") ? MESSAGES : named;
  if (view.needs && !may(view.needs)) return { view: forbidden(view), id: null };
  return { view, id: view === SEND ? null : (view.at.exec(hash)?.[1] ?? null) };
}
