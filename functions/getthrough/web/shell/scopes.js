/**
 * What the signed-in client may do. An element that needs a scope names it in `data-needs`, and the stylesheet hides it
 * from everyone else. The API checks each request all the same.
 */

/** @import { Me } from "#api" */

/** @typedef {Me["scopes"][number]} Scope */

/** @param {Scope[]} scopes */
export function grant(scopes) {
  document.body.dataset.may = scopes.join(" ");
}

/** @param {Scope} scope */
export function may(scope) {
  return (document.body.dataset.may ?? "").split(" ").includes(scope);
}

/** The scopes beside the client's name; empty if it may do everything. */
export function scopeWords() {
  return may("admin") ? "" : `may ${(document.body.dataset.may ?? "").replaceAll(" ", ", ") || "nothing"}`;
}
