/** What is shown before signing in. */

import { announce } from "../elements/dom.js";
import { Notice } from "../elements/ui.js";
import { trouble } from "../text/words.js";
import { html, useLayoutEffect, useRef, useState } from "../vendor/preact.js";
import { refusal, signIn } from "./session.js";

/** @import { ApiError } from "../api/api.js" */

export function Welcome() {
  return html`<section class="welcome" aria-labelledby="welcome-title">
    <div>
      <h1 id="welcome-title">Messages that get${"\u00a0"}through</h1>
      <p class="lead">Let a customer know that the cupcakes are ready. If the first message isn’t delivered in time, Getthrough tries the next number or channel.</p>
      <ol class="example" aria-label="An example">
        <li class="tone-wait"><b>SMS</b> to 447700900001 <span>not delivered within 15 s</span></li>
        <li class="tone-good"><b>WhatsApp</b> to 447700900002 <span>delivered after 2 s</span></li>
      </ol>
      <p>Getthrough records every step, so you can see why a message was not delivered.</p>
    </div>
    <${SignIn} />
  </section>`;
}

function SignIn() {
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  const name = useRef(/** @type {HTMLInputElement | null} */ (null));
  const secret = useRef(/** @type {HTMLInputElement | null} */ (null));
  const { why, name: before } = refusal.value;
  useLayoutEffect(() => {
    if (name.current && before) name.current.value = before;
    if (why) secret.current?.focus();
  }, [why, before]);
  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if (busy || !name.current || !secret.current) return;
    const who = name.current.value.trim();
    setProblem("");
    setBusy(true);
    try {
      await signIn(who, secret.current.value);
      announce(`Signed in as ${who}.`);
    } catch (error) {
      setProblem(trouble(/** @type {ApiError} */ (error), "sign in"));
      secret.current?.focus();
      setBusy(false);
    }
  }
  const shown = problem || why;
  // method=post: should the script fail, a secret must not end up in the address bar.
  return html`<form class="card" id="sign-in" method="post" action="/" onSubmit=${submit}>
    <h2>Sign in</h2>
    <${Notice} bad id="sign-in-error" text=${shown} />
    <p class="field"><label for="name">Client name</label>
      <input id="name" ref=${name} autocomplete="username" autocapitalize="none" spellcheck=${false} required /></p>
    <p class="field"><label for="secret">Secret</label>
      <input id="secret" ref=${secret} type="password" autocomplete="current-password" required /></p>
    <button class="primary" id="sign-in-button" aria-disabled=${busy || undefined}>Sign in</button>
    <p class="hint">Both are in your stack’s secret, under <code>clients</code>. On your own computer, <code>make run</code> prints them. They are kept in this tab until you close it.</p>
  </form>`;
}
