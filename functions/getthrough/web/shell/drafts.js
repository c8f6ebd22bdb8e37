/** Keeps drafts in this tab, through a reload and another sign-in. Never put a secret here. */

const PREFIX = "getthrough.draft.";

/** @param {string} name   such as "compose", "reply" … @param {unknown} value   plain data; null forgets it */
export function keepDraft(name, value) {
  try {
    if (value === null) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // the tab's storage is full: the draft stays on the screen
  }
}

/** The draft of this name, or null. @param {string} name @returns {unknown} */
export function draft(name) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name) ?? "null");
  } catch {
    return null;
  }
}
