/** Maps URLs to views. */

import { openBatches } from "../batches/batches.js";
import { mountCompose } from "../compose/compose.js";
import { openConversations } from "../conversations/conversations.js";
import { openTimeline } from "../dispatch/timeline.js";
import { openDispatches } from "../dispatches/dispatches.js";
import { openSchedules } from "../schedules/schedules.js";

/** @import { Api } from "../api/api.js" */

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
  beside: true,
  open: ({ connected, changed }) => {
    if (!composing) mountCompose(connected, changed);
    composing = true; // it stays open when another view is shown
    return null;
  },
};

/** @type {View[]} */
const VIEWS = [
  SEND,
  {
    at: new RegExp(`^#/dispatches/(${UUID})$`),
    section: "dispatch",
    tab: "dispatches",
    title: "Message",
    beside: true,
    open: ({ api, id, changed }) => openTimeline(api, /** @type {string} */ (id), changed),
  },
  {
    at: /^#\/dispatches$/,
    section: "dispatches",
    tab: "dispatches",
    title: "Messages",
    open: ({ api }) => openDispatches(api),
  },
  {
    at: /^#\/conversations(?:\/(open))?$/,
    section: "conversations",
    tab: "conversations",
    title: "Conversations",
    open: ({ api, id }) => openConversations(api, id),
  },
  {
    at: new RegExp(`^#/schedules(?:/(${UUID}))?$`),
    section: "schedules",
    tab: "schedules",
    title: "Schedules",
    open: ({ api, id }) => openSchedules(api, id),
  },
  {
    at: new RegExp(`^#/batches(?:/(new|${UUID}))?$`),
    section: "batches",
    tab: "batches",
    title: "Send to many",
    open: ({ api, id }) => openBatches(api, id),
  },
];

/** The view of a URL's hash; the form for an unknown one. @param {string} hash @returns {{view: View, id: string | null}} */
export function findRoute(hash) {
  for (const view of VIEWS) {
    const found = view.at.exec(hash);
    if (found) return { view, id: view === SEND ? null : (found[1] ?? null) };
  }
  return { view: SEND, id: null };
}
