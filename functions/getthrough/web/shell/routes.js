/** Which view an address names. Each view is a module of its own, loaded when it is first shown. */

/** @import { Api } from "../api/api.js" */

/**
 * @typedef {object} Opening   what a view is opened with
 * @property {Api} api
 * @property {string | null} id   what of it is open
 * @property {() => Api} connected   whoever is signed in now, for a view that stays while people sign out and in again
 * @property {(uuid?: string | null) => void} changed   a dispatch was made, or changed; `uuid` names one to show
 */

/**
 * @typedef {object} View
 * @property {RegExp} at   the addresses; what is in parentheses is the id
 * @property {string} section   the id of its element; its heading is the section's id with -title
 * @property {string} tab   which entry of the navigation is marked
 * @property {string} title
 * @property {boolean} [beside]   the newest dispatches stand beside it
 * @property {() => Promise<(opening: Opening) => (() => void) | null>} load   gives what opens it, which gives what stops it
 */

const UUID = "[0-9a-f-]{36}";
let composing = false;

/** @type {View} */
const SEND = {
  at: /^(#\/?)?$/,
  section: "compose",
  tab: "send",
  title: "Send",
  beside: true,
  load: async () => {
    const { mountCompose } = await import("../compose/compose.js");
    return ({ connected, changed }) => {
      if (!composing) mountCompose(connected, changed);
      composing = true; // it stays as it is when another view is shown
      return null;
    };
  },
};

/** @type {View[]} */
const VIEWS = [
  SEND,
  {
    at: new RegExp(`^#/dispatches/(${UUID})$`),
    section: "dispatch",
    tab: "dispatches",
    title: "Dispatch",
    beside: true,
    load: async () => {
      const { openTimeline } = await import("../dispatch/timeline.js");
      return ({ api, id, changed }) => openTimeline(api, /** @type {string} */ (id), changed);
    },
  },
  {
    at: /^#\/dispatches$/,
    section: "dispatches",
    tab: "dispatches",
    title: "Dispatches",
    load: async () => {
      const { openDispatches } = await import("../dispatches/dispatches.js");
      return ({ api }) => openDispatches(api);
    },
  },
  {
    at: /^#\/conversations(?:\/(open))?$/,
    section: "conversations",
    tab: "conversations",
    title: "Conversations",
    load: async () => {
      const { openConversations } = await import("../conversations/conversations.js");
      return ({ api, id }) => openConversations(api, id);
    },
  },
  {
    at: new RegExp(`^#/schedules(?:/(${UUID}))?$`),
    section: "schedules",
    tab: "schedules",
    title: "Schedules",
    load: async () => {
      const { openSchedules } = await import("../schedules/schedules.js");
      return ({ api, id }) => openSchedules(api, id);
    },
  },
  {
    at: new RegExp(`^#/batches(?:/(new|${UUID}))?$`),
    section: "batches",
    tab: "batches",
    title: "Batches",
    load: async () => {
      const { openBatches } = await import("../batches/batches.js");
      return ({ api, id }) => openBatches(api, id);
    },
  },
];

/** The view of an address; of one that is none, the form. @param {string} hash @returns {{view: View, id: string | null}} */
export function findRoute(hash) {
  for (const view of VIEWS) {
    const found = view.at.exec(hash);
    if (found) return { view, id: view === SEND ? null : (found[1] ?? null) };
  }
  return { view: SEND, id: null };
}

/** Fetches all views, so that they open without waiting, and without a network. */
export function loadAll() {
  for (const view of VIEWS) view.load().catch(() => {}); // it is tried again when it is shown
}
