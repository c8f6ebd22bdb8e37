/** What all users share when they write messages: the usual country, senders and plans. They are kept in the table. */

import { may } from "../shell/scopes.js";
import { session } from "../shell/session.js";
import { effect, signal } from "../vendor/preact.js";

/** @import { Settings } from "#api" */
/** @import { Api, ApiError } from "../api/api.js" */

/** @type {Settings} */
const NOTHING = {
  version: 0,
  default_country: null,
  calling_code: null,
  national_prefix: null,
  senders: [],
  plans: [],
  changed_at: null,
  changed_by: null,
};

/** As they were read last. */
export const shared = signal(NOTHING);

effect(() => {
  const api = session.value?.api;
  shared.value = NOTHING;
  if (api && may("send")) readShared(api).catch(() => {}); // nothing is offered then
});

/** @param {Api} api */
export async function readShared(api) {
  const { body } = await api.get("/v1/settings", {});
  if (session.value?.api === api) shared.value = body;
}

/** Changes the newest settings; another user's change stays. @param {Api} api @param {(now: Settings) => Partial<Settings>} change */
export async function changeShared(api, change) {
  for (let tries = 2; ; tries--) {
    const { version, default_country: country, senders, plans } = { ...shared.value, ...change(shared.value) };
    const body = { version, senders, plans, ...(country && { default_country: country }) };
    try {
      shared.value = (await api.put("/v1/settings", {}, body)).body;
      return;
    } catch (error) {
      if (!tries || /** @type {ApiError} */ (error).status !== 409) throw error;
      await readShared(api);
    }
  }
}
