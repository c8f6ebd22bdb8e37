/** Writes a request of the API as a curl command. Pure. */

/** @import { Request } from "./request.js" */

/** A text in single quotes, escaped for the shell. @param {string} text */
export function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * The name and the secret come from the shell's variables CLIENT and SECRET.
 * @param {string} origin   such as https://api.example
 * @param {Request} request
 * @param {string} key   the Idempotency-Key
 */
export function curlOf(origin, { path, body }, key) {
  return [
    `curl ${quoted(origin + path)} -u "$CLIENT:$SECRET" \\`,
    `  -H 'content-type: application/json' -H ${quoted(`idempotency-key: ${key}`)} \\`,
    `  -d ${quoted(JSON.stringify(body, null, 2))}`,
  ].join("\n");
}
