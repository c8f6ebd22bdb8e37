/** Tracks for all views whether the server can be reached. While it can't, a small request checks until it can. */

import { announce, byId } from "../elements/dom.js";

const FIRST_CHECK = 1_000;
const SLOWEST_CHECK = 15_000;
const TIMEOUT = 8_000;

let lost = false;
let checking = false;
let wait = FIRST_CHECK;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @type {Set<() => void>} */
const waiting = new Set();

export function isLost() {
  return lost;
}

/** The text of a view until its first answer arrives. */
export function opening() {
  return lost ? "Waiting for the connection." : "Loading …";
}

/** Calls `resume` each time the connection is back. @param {() => void} resume @returns {() => void} removes the callback */
export function onBack(resume) {
  waiting.add(resume);
  return () => waiting.delete(resume);
}

/** A request got no answer. */
export function failed() {
  if (lost) return;
  lost = true;
  wait = FIRST_CHECK;
  byId("offline").hidden = false;
  announce("The connection is lost.");
  later();
}

/** A request got an answer, whatever its status. */
export function answered() {
  if (!lost) return;
  lost = false;
  clearTimeout(timer);
  const focused = document.activeElement === byId("try-now");
  byId("offline").hidden = true;
  if (focused) byId("main").focus();
  announce("The connection is back.");
  for (const resume of [...waiting]) resume();
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(check, navigator.onLine ? wait : SLOWEST_CHECK);
  wait = Math.min(SLOWEST_CHECK, wait * 2);
}

async function check() {
  if (!lost || checking) return;
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
  byId("try-now").addEventListener("click", check);
  if (!navigator.onLine) failed();
}
