/** The form's request as a curl command, ready to copy. */

import { keyOf } from "../api/send_once.js";
import { announce, byId } from "../elements/dom.js";
import { curlOf } from "./curl.js";

/** @import { Request } from "./request.js" */

const panel = () => /** @type {HTMLDetailsElement} */ (byId("curl"));

/** @type {() => Request} */
let requested;

/** @param {() => Request} request   returns the form's request */
export function mountCurl(request) {
  requested = request;
  panel().addEventListener("toggle", showCurl);
  byId("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(byId("curl-text").textContent ?? "");
      byId("copied").textContent = "Copied.";
    } catch {
      getSelection()?.selectAllChildren(byId("curl-text"));
      byId("copied").textContent = "The text is selected. Copy it with Ctrl+C.";
    }
    announce(byId("copied").textContent ?? "");
  });
}

export function showCurl() {
  if (!panel().open) return;
  const { path, body } = requested();
  const text = curlOf(location.origin, { path, body }, keyOf(path, body));
  if (byId("curl-text").textContent === text) return;
  byId("curl-text").textContent = text;
  byId("copied").textContent = "";
}
