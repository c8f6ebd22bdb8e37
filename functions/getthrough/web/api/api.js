/** The HTTP API, spoken as one client. Whatever goes wrong is an ApiError; `status` 0 says that no answer came. */

import { answered, failed } from "./connection.js";

const PATIENCE = 30_000;

/** @typedef {{name: string, reason: string}} InvalidParameter */
/** @typedef {{type?: string, title?: string, detail?: string, invalid_parameters?: InvalidParameter[]}} Problem */
/** @typedef {{currency: string, price: string}} Usage */

/**
 * @typedef {object} Summary
 * @property {string} dispatch_uuid
 * @property {string} created_at
 * @property {string | null} client_ref
 * @property {string | null} outcome
 * @property {boolean} late
 * @property {{channel: string, address: string}[]} to
 * @property {number} steps_total
 * @property {number} steps_sent
 * @property {string | null} status
 */

/**
 * @typedef {object} Step
 * @property {number} step
 * @property {string} channel
 * @property {string} to
 * @property {string} from
 * @property {string} message_type
 * @property {Record<string, unknown>} content
 * @property {number} expiry_time
 * @property {"delivered" | "read" | "replied"} condition_status
 * @property {string} message_uuid
 * @property {string | null} vonage_message_uuid
 * @property {string | null} sent_because
 * @property {string | null} claimed_at
 * @property {string | null} window_ends_at
 * @property {number} tries
 * @property {string | null} answer
 * @property {Problem | null} problem
 * @property {string | null} status
 * @property {boolean} condition_met
 * @property {boolean} late
 * @property {Usage | null} usage
 */

/**
 * @typedef {object} Entry   one line of a timeline
 * @property {string} at
 * @property {number | null} step
 * @property {string} event
 * @property {string} [because]
 * @property {string} [answer]
 * @property {number | null} [http_status]
 * @property {number} [tries]
 * @property {string} [status]
 * @property {boolean} [late]
 * @property {string | null} [timestamp]   by Vonage's clock
 * @property {Usage | null} [usage]
 * @property {{code: number | null, title: string | null, meaning: string | null, detail: string} | null} [error]
 * @property {string} [field]
 * @property {string} [given]
 * @property {string} [used]
 * @property {boolean} [accepted]
 * @property {string} [outcome]
 * @property {unknown} [raw]
 */

/**
 * @typedef {object} Dispatch
 * @property {string} dispatch_uuid
 * @property {string} created_at
 * @property {string | null} client_ref
 * @property {string | null} outcome
 * @property {number | null} succeeded_by
 * @property {boolean} late
 * @property {number} double_messages
 * @property {string | null} send_at
 * @property {string | null} held_until   the end of the quiet hours that a step waits for
 * @property {string | null} batch_uuid
 * @property {Usage[]} usage
 * @property {Step[]} steps
 * @property {Entry[]} timeline
 */

export class ApiError extends Error {
  /** @param {number} status @param {Problem} problem */
  constructor(status, problem = {}) {
    super(problem.detail || problem.title || `status ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

/**
 * @typedef {object} Answer
 * @property {any} body   null if nothing came: it is still what `etag` names, or there is nothing to say
 * @property {string | null} etag
 * @property {number} now   the server's clock, in whole seconds
 */

/** @typedef {(path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>} Asking */

/**
 * @typedef {object} Api   whoever puts something into a path has encoded it
 * @property {(path: string, etag?: string | null) => Promise<Answer>} get
 * @property {Asking} post
 * @property {Asking} put
 * @property {Asking} patch
 * @property {Asking} delete
 * @property {(limit: number, cursor?: string | null) => Promise<{dispatches: Summary[], cursor: string | null}>} list
 * @property {(uuid: string, etag: string | null) => Promise<{dispatch: Dispatch | null, etag: string | null, now: number}>} dispatch
 *   null if it is still what `etag` names; `now` is the server's clock
 */

/**
 * @param {string} name
 * @param {string} secret
 * @param {() => void} refused   called when the name and secret are not, or no longer, right
 * @returns {Api}
 */
export function connect(name, secret, refused) {
  const authorization = `Basic ${base64(`${name}:${secret}`)}`;

  /** @param {string} path @param {RequestInit & {headers?: Record<string, string>}} init @returns {Promise<Answer>} */
  async function call(path, init) {
    try {
      const response = await fetch(path, {
        ...init,
        headers: { ...init.headers, authorization },
        cache: "no-store",
        credentials: "omit", // else a 401 makes the browser ask for a password in a window of its own
        signal: AbortSignal.timeout(PATIENCE),
      });
      const empty = response.status === 304 || response.status === 204;
      const body = empty
        ? null
        : await response.json().catch((error) => {
            if (error instanceof SyntaxError) return null; // an answer, if not one of ours
            throw error;
          });
      answered();
      if (empty || (response.ok && body)) {
        const now = Date.parse(response.headers.get("date") ?? "") || Date.now();
        return { body, etag: response.headers.get("etag"), now };
      }
      if (response.status === 401) refused();
      throw new ApiError(response.ok ? 502 : response.status, body ?? {});
    } catch (error) {
      if (error instanceof ApiError) throw error;
      failed();
      throw new ApiError(0);
    }
  }

  /** @param {string} method @returns {Asking} */
  function asking(method) {
    return (path, body, headers = {}) =>
      call(
        path,
        body === undefined
          ? { method, headers }
          : { method, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) },
      );
  }

  /** @type {Api["get"]} */
  async function get(path, etag = null) {
    const answer = await call(path, etag ? { headers: { "if-none-match": etag } } : {});
    return { ...answer, etag: answer.etag ?? etag };
  }

  return {
    get,
    post: asking("POST"),
    put: asking("PUT"),
    patch: asking("PATCH"),
    delete: asking("DELETE"),
    async list(limit, cursor = null) {
      const query = new URLSearchParams({ limit: String(limit), ...(cursor && { cursor }) });
      return (await get(`/v1/dispatches?${query}`)).body;
    },
    async dispatch(uuid, known) {
      const { body, etag, now } = await get(`/v1/dispatches/${encodeURIComponent(uuid)}`, known);
      return { dispatch: body, etag, now };
    },
  };
}

/** @param {string} text */
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
