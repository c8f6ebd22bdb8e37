/** What each key does. Pure: what was pressed, and where, is handed in. */

/** @typedef {{key: string, ctrlKey: boolean, metaKey: boolean, altKey: boolean}} Stroke */
/** @typedef {{kind: "menu" | "help" | "search" | "next" | "previous" | "leave"} | {kind: "go", to: string} | {kind: "chord"} | null} Command */

/** The second key after "g". @type {Record<string, {to: string, name: string}>} */
export const PLACES = {
  n: { to: "#/", name: "New message" },
  b: { to: "#/batches/new", name: "Send to many" },
  m: { to: "#/dispatches", name: "Messages" },
  i: { to: "#/inbox", name: "Inbox" },
  p: { to: "#/planned", name: "Planned" },
  c: { to: "#/customers", name: "Customers" },
  w: { to: "#/windows", name: "Windows" },
  s: { to: "#/settings", name: "Settings" },
  x: { to: "#/problems", name: "Problems" },
  a: { to: "#/activity", name: "Activity" },
};

/** The other keys, in words. @type {[string, string][]} */
export const HELP = [
  ["Ctrl K", "Search and commands"],
  ["/", "Search messages"],
  ["j, k", "Next and previous row"],
  ["g, then a letter", "Go to a view"],
  ["Esc", "Leave a field or a dialog"],
  ["?", "Show this list"],
];

/**
 * @param {Stroke} stroke
 * @param {{typing: boolean, chord: boolean, dialog: boolean}} where   the focus is in a field; "g" came before; a dialog is open
 * @returns {Command}
 */
export function commandOf({ key, ctrlKey, metaKey, altKey }, { typing, chord, dialog }) {
  if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "k") return { kind: "menu" };
  if (dialog || ctrlKey || metaKey || altKey) return null;
  if (typing) return key === "Escape" ? { kind: "leave" } : null;
  if (chord) return Object.hasOwn(PLACES, key) ? { kind: "go", to: PLACES[key]?.to ?? "" } : null;
  switch (key) {
    case "/":
      return { kind: "search" };
    case "?":
      return { kind: "help" };
    case "j":
      return { kind: "next" };
    case "k":
      return { kind: "previous" };
    case "g":
      return { kind: "chord" };
    default:
      return null;
  }
}

/**
 * What the menu offers for what is typed: commands that begin with it, what can be looked up, and commands with it
 * elsewhere in their name. "wind" and Enter is a way to a view, and not a search for a reference.
 * @template {{name: string}} T @param {T[]} finds @param {T[]} commands @param {string} typed
 */
export function ordered(finds, commands, typed) {
  const wanted = typed.trim().toLowerCase();
  const at = (/** @type {T} */ { name }) => name.toLowerCase().indexOf(wanted);
  return [...commands.filter((one) => at(one) === 0), ...finds, ...commands.filter((one) => at(one) > 0)];
}
