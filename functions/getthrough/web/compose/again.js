/** Fills the form with a message that was sent, to send it again. */

import { keepDraft } from "../shell/drafts.js";
import { signal } from "../vendor/preact.js";
import { draftOf } from "./draft_of.js";

/** @import { Dispatch } from "#api" */

/** Counts how often the form was filled from outside: another number makes another form. */
export const again = signal(0);

/** @param {Dispatch} dispatch */
export function sendAgain(dispatch) {
  fillForm(draftOf(dispatch));
}

/** Opens the form with these values. @param {object} draft */
export function fillForm(draft) {
  keepDraft("compose", draft);
  again.value += 1;
  location.hash = "#/";
}
