/** A request of the API as a line for a shell. Pure. */

/** In single quotes, whatever is in it. @param {string} text */
export function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Name and secret are not in it: the shell has them as CLIENT and SECRET.
 * @param {string} origin   such as https://api.example
 * @param {import("./request.js").Request} request
 * @param {string} key   the Idempotency-Key
 */
export function curlOf(origin, { path, body }, key) {
  return [
    `curl ${quoted(origin + path)} -u "$CLIENT:$SECRET" \\`,
    `  -H 'content-type: application/json' -H ${quoted(`idempotency-key: ${key}`)} \\`,
    `  -d ${quoted(JSON.stringify(body, null, 2))}`,
  ].join("\n");
}
