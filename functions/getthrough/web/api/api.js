/**
 * The HTTP API, spoken as one client. Paths, parameters and answers have the types of the API's own OpenAPI document.
 * Every failure is an ApiError; `status` 0 says that no answer came.
 */

import { answered, failed } from "./connection.js";

/** @import { InvalidParameters, paths } from "#api" */

/** @typedef {"get" | "put" | "post" | "patch" | "delete"} Method */

/**
 * The paths that have a method.
 * @template {Method} M
 * @typedef {{[P in keyof paths]: paths[P] extends {[K in M]: {responses: object}} ? P : never}[keyof paths]} Path
 */

/**
 * @template {Method} M
 * @template {Path<M>} P
 * @typedef {paths[P] extends {[K in M]: infer O} ? O : never} Operation
 */

/**
 * The JSON body of a success.
 * @template O
 * @typedef {O extends {responses: infer R} ? JsonOf<R[keyof R & (200 | 201 | 202)]> : never} Success
 */

/**
 * @template R
 * @typedef {R extends {content: {"application/json": infer B}} ? B : never} JsonOf
 */

/**
 * The parameters in the path and the query.
 * @template O
 * @typedef {O extends {parameters: {path?: infer P, query?: infer Q}} ? Parameters<P, Q> : never} Asked
 */

/**
 * @template P
 * @template Q
 * @typedef {([P] extends [undefined] ? {path?: undefined} : {path: P}) & {query?: Q}} Parameters
 */

/** The body of an error. Any field may be missing, because a proxy may have answered. @typedef {Partial<InvalidParameters>} ErrorBody */

/**
 * @template B
 * @typedef {object} Answer
 * @property {B} body
 * @property {string | null} etag
 * @property {number} now   the server's clock, in whole seconds
 */

/**
 * @typedef {object} Api
 * @property {<P extends Path<"get">>(path: P, asked: Asked<Operation<"get", P>>) =>
 *   Promise<Answer<Success<Operation<"get", P>>>>} get
 * @property {<P extends Path<"get">>(path: P, etag: string | null, asked: Asked<Operation<"get", P>>) =>
 *   Promise<Answer<Success<Operation<"get", P>> | null>>} getIfChanged   its body is null if `etag` is still right
 * @property {(path: string) => Promise<{text: string, next: string | null}>} getLines   JSON lines, and the next page's cursor
 * @property {<P extends Path<"post">>(path: P, body: object, headers?: Record<string, string>) =>
 *   Promise<Answer<Success<Operation<"post", P>>>>} post
 * @property {<P extends Path<"put">>(path: P, asked: Asked<Operation<"put", P>>, body: object) =>
 *   Promise<Answer<Success<Operation<"put", P>>>>} put
 * @property {<P extends Path<"patch">>(path: P, asked: Asked<Operation<"patch", P>>, body: object) =>
 *   Promise<Answer<Success<Operation<"patch", P>>>>} patch
 * @property {<P extends Path<"delete">>(path: P, asked: Asked<Operation<"delete", P>>) =>
 *   Promise<Answer<Success<Operation<"delete", P>>>>} delete
 */

const TIMEOUT = 30_000;

export class ApiError extends Error {
  /** @param {number} status @param {ErrorBody} problem */
  constructor(status, problem = {}) {
    super(problem.detail || problem.title || `status ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

/**
 * @param {string} name
 * @param {string} secret
 * @param {() => void} refused   called when the name and secret are not, or no longer, right
 * @returns {Api}
 */
export function connect(name, secret, refused) {
  const authorization = `Basic ${base64(`${name}:${secret}`)}`;

  /**
   * @param {string} url
   * @param {RequestInit & {headers?: Record<string, string>}} init
   * @returns {Promise<Answer<never>>}   each method of the Api states what its body is
   */
  async function call(url, init) {
    try {
      const response = await fetch(url, {
        ...init,
        headers: { ...init.headers, authorization },
        cache: "no-store",
        credentials: "omit", // else a 401 makes the browser ask for a password in a window of its own
        signal: AbortSignal.timeout(TIMEOUT),
      });
      const empty = response.status === 304 || response.status === 204;
      const body = empty ? null : await jsonOf(response);
      answered();
      if (empty || (response.ok && body)) {
        const now = Date.parse(response.headers.get("date") ?? "") || Date.now();
        return { body: /** @type {never} */ (body), etag: response.headers.get("etag"), now };
      }
      if (response.status === 401) refused();
      throw new ApiError(response.ok ? 502 : response.status, body ?? {});
    } catch (error) {
      if (error instanceof ApiError) throw error;
      failed();
      throw new ApiError(0);
    }
  }

  /** @param {string} url */
  async function lines(url) {
    const response = await fetch(url, { headers: { authorization }, cache: "no-store", credentials: "omit" }).catch(
      () => null,
    );
    if (!response) failed();
    if (!response?.ok) throw new ApiError(response?.status ?? 0, (response && (await jsonOf(response))) ?? {});
    return { text: await response.text(), next: response.headers.get("x-next-cursor") };
  }

  return {
    getLines: lines,
    get: (path, asked) => call(urlOf(path, asked), {}),
    async getIfChanged(path, etag, asked) {
      const answer = await call(urlOf(path, asked), etag ? { headers: { "if-none-match": etag } } : {});
      return { ...answer, etag: answer.etag ?? etag };
    },
    post: (path, body, headers) => call(path, withBody("POST", body, headers)),
    put: (path, asked, body) => call(urlOf(path, asked), withBody("PUT", body)),
    patch: (path, asked, body) => call(urlOf(path, asked), withBody("PATCH", body)),
    delete: (path, asked) => call(urlOf(path, asked), { method: "DELETE" }),
  };
}

/** The JSON of an answer; null if it is something else. @param {Response} response @returns {Promise<ErrorBody | null>} */
async function jsonOf(response) {
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** @param {string} method @param {object} body @param {Record<string, string>} [headers] */
function withBody(method, body, headers) {
  return { method, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

/** @param {string} path @param {unknown} asked */
function urlOf(path, asked) {
  const parameters = /** @type {{path?: Record<string, string>, query?: Record<string, string | number>}} */ (asked);
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(parameters.path?.[name] ?? ""));
  const query = new URLSearchParams(Object.entries(parameters.query ?? {}).map(([name, value]) => [name, `${value}`]));
  return query.size ? `${filled}?${query}` : filled;
}

/** @param {string} text */
function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
