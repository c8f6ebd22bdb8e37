/**
 * Sends a request once, however often it is tried. If the answer to a request is lost, the next attempt has the same
 * Idempotency-Key, even after the page is reloaded.
 */

import { draft, keepDraft } from "../shell/drafts.js";

/** @import { Answer, Api, ApiError, Operation, Path, Success } from "./api.js" */

const KEPT = "unanswered";

/** The key of the request that is about to be sent. */
let next = { request: "", key: "" };

/** The Idempotency-Key of this request. @param {string} path @param {object} body */
export function keyOf(path, body) {
  const request = `${path} ${JSON.stringify(body)}`;
  const known = unanswered()[request];
  if (known) return known;
  if (next.request !== request) next = { request, key: newKey() };
  return next.key;
}

/**
 * POSTs a body. Throws the API's errors.
 * @template {Path<"post">} P
 * @param {Api} api @param {P} path @param {object} body
 * @returns {Promise<Answer<Success<Operation<"post", P>>>>}
 */
export async function deliver(api, path, body) {
  const request = `${path} ${JSON.stringify(body)}`;
  const key = keyOf(path, body);
  keepDraft(KEPT, { ...unanswered(), [request]: key });
  try {
    const answer = await api.post(path, body, { "idempotency-key": key });
    forget(request);
    return answer;
  } catch (error) {
    if (!open(/** @type {ApiError} */ (error))) forget(request);
    throw error;
  }
}

/** Whether the request may have been accepted, or may be accepted if it is sent again. @param {ApiError} error */
function open({ status }) {
  return status === 0 || status === 429 || status >= 500;
}

/** @param {string} request */
function forget(request) {
  const { [request]: _, ...others } = unanswered();
  keepDraft(KEPT, Object.keys(others).length ? others : null);
  if (next.request === request) next = { request: "", key: "" };
}

/** @returns {Record<string, string>} */
function unanswered() {
  return /** @type {Record<string, string> | null} */ (draft(KEPT)) ?? {};
}

function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
