/** What was typed and not sent yet: it survives a reload and signing in again, in this tab only. Never put a secret here. */

const PREFIX = "getthrough.draft.";

/** @param {string} name   whose draft: "compose", "reply" … @param {unknown} value   plain data; null forgets it */
export function keepDraft(name, value) {
  try {
    if (value === null) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // the tab's storage is full: what is typed stays on the screen
  }
}

/** What `keepDraft` kept, or null. @param {string} name @returns {any} */
export function draft(name) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name) ?? "null");
  } catch {
    return null;
  }
}
