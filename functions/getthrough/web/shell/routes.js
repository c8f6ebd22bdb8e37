/** Maps URLs to views. Pure: no element, no request. */

/** @import { Scope } from "./scopes.js" */

/**
 * @typedef {object} View
 * @property {string} name   its component
 * @property {RegExp} at   the URL's hash before its query; the group is the id
 * @property {string} tab   the current entry of the navigation
 * @property {string} title
 * @property {Scope} [needs]   what a client must be allowed to do
 */

/** @typedef {{view: View, id: string | null, query: URLSearchParams}} Place */

const UUID = "[0-9a-f-]{36}";

/** @type {View} */
const SEND = { name: "compose", at: /^(#\/?)?$/, tab: "send", title: "New message", needs: "send" };

/** @type {View} */
const MESSAGES = { name: "messages", at: /^#\/dispatches$/, tab: "dispatches", title: "Messages", needs: "read" };

/** @type {View[]} */
const VIEWS = [
  SEND,
  MESSAGES,
  { name: "messages", at: new RegExp(`^#/dispatches/(${UUID})$`), tab: "dispatches", title: "Message", needs: "read" },
  { name: "inbox", at: /^#\/inbox(?:\/([0-9a-f]{12}))?$/, tab: "inbox", title: "Inbox", needs: "read" },
  { name: "planned", at: /^#\/planned$/, tab: "planned", title: "Planned", needs: "read" },
  { name: "planned", at: new RegExp(`^#/schedules(?:/(${UUID}))?$`), tab: "planned", title: "Planned", needs: "read" },
  { name: "newBatch", at: /^#\/batches\/new$/, tab: "send", title: "Send to many", needs: "operate" },
  { name: "batches", at: /^#\/batches$/, tab: "planned", title: "Batches", needs: "read" },
  { name: "batch", at: new RegExp(`^#/batches/(${UUID})$`), tab: "planned", title: "Batch", needs: "read" },
  { name: "customers", at: /^#\/customers(?:\/([0-9a-f]{12}))?$/, tab: "customers", title: "Customers", needs: "read" },
  { name: "problems", at: /^#\/problems$/, tab: "problems", title: "Problems", needs: "read" },
  { name: "windows", at: /^#\/windows$/, tab: "", title: "Windows", needs: "read" },
  { name: "settings", at: /^#\/settings$/, tab: "settings", title: "Settings", needs: "send" },
  { name: "activity", at: /^#\/activity$/, tab: "activity", title: "Activity", needs: "admin" },
];

/**
 * The view of a URL's hash; the form for an unknown one, or the messages if the client may not send. A view that the
 * client may not use is named all the same: its component is "forbidden".
 * @param {string} hash @param {(scope: Scope) => boolean} may
 * @returns {Place}
 */
export function findRoute(hash, may) {
  const [path = "", search = ""] = hash.split("?", 2);
  const named = VIEWS.find(({ at }) => at.test(path)) ?? SEND;
  const view = named === SEND && !may("send") ? MESSAGES : named;
  const query = new URLSearchParams(search);
  if (view.needs && !may(view.needs)) return { view: { ...view, name: "forbidden", tab: "" }, id: null, query };
  return { view, id: view === SEND ? null : (view.at.exec(path)?.[1] ?? null), query };
}

/** A link to a place with a query; entries that are empty are left out. @param {string} path @param {Record<string, string>} query */
export function linkTo(path, query) {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
  return given.size ? `${path}?${given}` : path;
}
