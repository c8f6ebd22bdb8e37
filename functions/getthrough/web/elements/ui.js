/** Small components that all views use. */

import { fullTime, when } from "../text/words.js";
import { html, useEffect, useState } from "../vendor/preact.js";

/** @import { Badge as BadgeWords } from "../text/words.js" */
/** @import { ComponentChildren } from "../vendor/preact.js" */

/** Milliseconds to wait for the second press. */
const TIMEOUT = 6_000;

/** A sentence; nothing if it is empty. @param {{text: string, bad?: boolean, id?: string}} props */
export function Notice({ text, bad = false, id }) {
  if (!text) return null;
  return html`<p class=${bad ? "notice bad" : "notice"} id=${id} role=${bad ? "alert" : "status"}>${text}</p>`;
}

/** @param {BadgeWords} props */
export function Badge({ text, tone }) {
  return html`<span class=${`badge tone-${tone}`}>${text}</span>`;
}

/** A moment, short; the whole of it, with the time zone, on demand. @param {{at: string}} props */
export function Moment({ at }) {
  return html`<time datetime=${at} title=${fullTime(at)}>${when(at, new Date())}</time>`;
}

/** Names with their values; those without a value are left out. @param {{items: [string, ComponentChildren][], class?: string}} props */
export function Facts({ items, class: kind = "facts" }) {
  return html`<dl class=${kind}>
    ${items.filter(([, value]) => value).map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

/**
 * A button that cannot be pressed again until what it does is done.
 * @param {{act: () => unknown, children?: ComponentChildren, class?: string, id?: string, hidden?: boolean, describedby?: string}} props
 */
export function Press({ act, children, describedby, ...rest }) {
  const [busy, setBusy] = useState(false);
  async function press() {
    if (busy) return;
    setBusy(true);
    await act();
    setBusy(false);
  }
  return html`<button type="button" aria-disabled=${busy || undefined} aria-describedby=${describedby} ...${rest} onClick=${press}>${children}</button>`;
}

/**
 * A button for an action that can't be undone: the first press asks, the second one acts.
 * @param {{label: string, question: string, act: () => unknown, class?: string, id?: string, describedby?: string}} props
 */
export function AskTwice({ label, question, act, class: kind = "", id, describedby }) {
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (!asked) return undefined;
    const timer = setTimeout(setAsked, TIMEOUT, false);
    return () => clearTimeout(timer);
  }, [asked]);
  /** @param {MouseEvent} event */
  async function press({ detail }) {
    if (busy || (asked && detail > 1)) return; // a double click is not a confirmation
    if (!asked) {
      setAsked(true);
      return;
    }
    setBusy(true);
    await act();
    setBusy(false);
    setAsked(false);
  }
  /** @param {KeyboardEvent} event */
  function cancel({ key }) {
    if (key === "Escape") setAsked(false);
  }
  return html`<button type="button" id=${id} class=${`${kind} ${asked ? "asked" : ""}`} aria-disabled=${busy || undefined}
    aria-describedby=${describedby} onClick=${press} onKeyDown=${cancel}>${asked ? question : label}</button>`;
}
