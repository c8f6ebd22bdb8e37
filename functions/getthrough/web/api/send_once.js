/**
 * Sends what a person means to send once, once: a request of which nobody knows whether it arrived goes out under the
 * same Idempotency-Key when it is sent again, also after a reload of the page.
 */

import { draft, keepDraft } from "../shell/drafts.js";

/** @import { Api, ApiError, Answer } from "./api.js" */

const KEPT = "unanswered";

/** The key of what is about to be sent. */
let next = { request: "", key: "" };

/** The key under which this request goes out. @param {string} path @param {object} body */
export function keyOf(path, body) {
  const request = `${path} ${JSON.stringify(body)}`;
  const known = unanswered()[request];
  if (known) return known;
  if (next.request !== request) next = { request, key: newKey() };
  return next.key;
}

/**
 * POSTs a body; throws what the API answers.
 * @param {Api} api @param {string} path @param {object} body @returns {Promise<Answer>}
 */
export async function deliver(api, path, body) {
  const request = `${path} ${JSON.stringify(body)}`;
  const key = keyOf(path, body);
  keepDraft(KEPT, { ...unanswered(), [request]: key });
  try {
    const answer = await api.post(path, body, { "idempotency-key": key });
    settle(request);
    return answer;
  } catch (error) {
    if (!open(/** @type {ApiError} */ (error))) settle(request);
    throw error;
  }
}

/** Whether the request may have been accepted, or may be at another try. @param {ApiError} error */
function open({ status }) {
  return status === 0 || status === 429 || status >= 500;
}

/** @param {string} request */
function settle(request) {
  const { [request]: settled, ...others } = unanswered();
  keepDraft(KEPT, Object.keys(others).length ? others : null);
  if (next.request === request) next = { request: "", key: "" };
}

/** @returns {Record<string, string>} */
function unanswered() {
  return draft(KEPT) ?? {};
}

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
