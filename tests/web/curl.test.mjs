import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

import { curlOf, quoted } from "../../functions/getthrough/web/compose/curl.js";

/** @import { Request } from "../../functions/getthrough/web/compose/request.js" */

/** The words of a command as a shell reads them. @param {string} command */
function words(command) {
  const printed = execFileSync("sh", ["-c", `curl() { printf '%s\\0' "$@"; }\n${command}`], {
    env: { CLIENT: "bakery", SECRET: "o'ne $two" },
  });
  return printed.toString().split("\0").slice(0, -1);
}

/** @type {Record<string, unknown>[]} */
const BODIES = [
  { text: "It's ready" },
  { text: "''' \\' \" ` $HOME $(rm -rf /) ! # ; & | \\n \n next line" },
  { text: "@/etc/passwd", failover: [{ text: "şeker 🧁 ’" }] },
  { text: "-u evil --output x" },
];

for (const body of BODIES) {
  test(`a shell gets the body as it is: ${JSON.stringify(body)}`, () => {
    /** @type {Request} */
    const request = { path: "/v1/messages", body };
    const [url, u, credentials, h, kind, h2, key, d, sent = "", ...rest] = words(
      curlOf("https://api.example", request, "k'ey"),
    );
    assert.deepEqual(
      [url, u, credentials, h, kind, h2, key, d, rest],
      [
        "https://api.example/v1/messages",
        "-u",
        "bakery:o'ne $two",
        "-H",
        "content-type: application/json",
        "-H",
        "idempotency-key: k'ey",
        "-d",
        [],
      ],
    );
    assert.deepEqual(JSON.parse(sent), body);
    assert.ok(sent.startsWith("{")); // else curl could read it as a file name
  });
}

test("an apostrophe is closed, escaped and opened again", () => assert.equal(quoted("It's"), "'It'\\''s'"));
