/** Tracks for all views whether the server can be reached. While it can't, a small request checks until it can. */

import { announce } from "../elements/dom.js";
import { signal } from "../vendor/preact.js";

const FIRST_CHECK = 1_000;
const SLOWEST_CHECK = 15_000;
const TIMEOUT = 8_000;

/** Whether the last request got no answer. */
export const lost = signal(/** @type {boolean} */ (false));
let checking = false;
let wait = FIRST_CHECK;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @type {Set<() => void>} */
const waiting = new Set();

/** For what does not follow the signal. @returns {boolean} */
export function isLost() {
  return lost.peek();
}

/** The text of a view until its first answer arrives. */
export function opening() {
  return lost.value ? "Waiting for the connection." : "Loading …";
}

/** Calls `resume` each time the connection is back. @param {() => void} resume @returns {() => void} removes the callback */
export function onBack(resume) {
  waiting.add(resume);
  return () => waiting.delete(resume);
}

/** A request got no answer. */
export function failed() {
  if (isLost()) return;
  lost.value = true;
  wait = FIRST_CHECK;
  announce("The connection is lost.");
  later();
}

/** A request got an answer, whatever its status. */
export function answered() {
  if (!isLost()) return;
  lost.value = false;
  clearTimeout(timer);
  announce("The connection is back.");
  for (const resume of [...waiting]) resume();
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(check, navigator.onLine ? wait : SLOWEST_CHECK);
  wait = Math.min(SLOWEST_CHECK, wait * 2);
}

export async function check() {
  if (!isLost() || checking) return;
  checking = true;
  clearTimeout(timer);
  try {
    await fetch("/assets/favicon.svg", {
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    answered();
  } catch {
    later();
  } finally {
    checking = false;
  }
}

/** Starts to follow the browser's own network events. */
export function watchConnection() {
  addEventListener("offline", failed);
  addEventListener("online", check);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void check();
  });
  if (!navigator.onLine) failed();
}
