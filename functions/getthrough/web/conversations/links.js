/** Links to a customer. The address stands in no URL: a link has a name for it. */

import { nameOf } from "../shell/places.js";

/** @import { Contact } from "#api" */

/** @param {Contact} contact */
export function conversationLink({ channel, address }) {
  return `#/inbox/${nameOf({ channel, address })}`;
}

/** @param {Contact} contact */
export function customerLink({ channel, address }) {
  return `#/customers/${nameOf({ channel, address })}`;
}
