/** Whether the server can be reached, told once for all views. While it cannot, one small question finds out when it can. */

import { announce, byId } from "../elements/dom.js";

const SOON = 1_000;
const SLOWEST = 15_000;
const PATIENCE = 8_000;

let lost = false;
let asking = false;
let wait = SOON;
let timer = 0;

/** @type {Set<() => void>} */
const waiting = new Set();

export function isLost() {
  return lost;
}

/** What a view says until its first answer is there. */
export function opening() {
  return lost ? "Waiting for the connection." : "Loading …";
}

/** Calls `resume` each time the connection is back. @param {() => void} resume @returns {() => void} takes it back */
export function onBack(resume) {
  waiting.add(resume);
  return () => waiting.delete(resume);
}

/** A request got no answer. */
export function failed() {
  if (lost) return;
  lost = true;
  wait = SOON;
  byId("offline").hidden = false;
  announce("The connection is lost.");
  later();
}

/** A request got an answer, whichever. */
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
  timer = setTimeout(ask, navigator.onLine ? wait : SLOWEST);
  wait = Math.min(SLOWEST, wait * 2);
}

async function ask() {
  if (!lost || asking) return;
  asking = true;
  clearTimeout(timer);
  try {
    await fetch("/assets/favicon.svg", {
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE),
    });
    answered();
  } catch {
    later();
  } finally {
    asking = false;
  }
}

/** Begins to listen to what the browser knows of the network. */
export function mindConnection() {
  addEventListener("offline", failed);
  addEventListener("online", ask);
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  byId("try-now").addEventListener("click", ask);
  if (!navigator.onLine) failed();
}
