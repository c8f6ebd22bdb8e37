/** A button for an action that can't be undone: the first press asks, the second one acts. */

/** Milliseconds to wait for the second press. */
const TIMEOUT = 6_000;

/**
 * @param {HTMLElement} button
 * @param {string} label
 * @param {string} question   the label after the first press
 * @param {() => Promise<void>} act   must not throw
 * @returns {() => void} removes it
 */
export function askTwice(button, label, question, act) {
  let asked = false;
  let busy = false;
  let over = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {boolean} now */
  function ask(now) {
    clearTimeout(timer);
    asked = now;
    button.textContent = now ? question : label;
    button.classList.toggle("asked", now);
    if (now) timer = setTimeout(ask, TIMEOUT, false);
  }

  /** @param {MouseEvent} event */
  async function press({ detail }) {
    if (busy || (asked && detail > 1)) return; // a double click is not a confirmation
    if (!asked) {
      ask(true);
      return;
    }
    busy = true;
    button.setAttribute("aria-disabled", "true");
    await act();
    if (over) return; // the button may serve another purpose now
    busy = false;
    button.removeAttribute("aria-disabled");
    ask(false);
  }

  /** @param {KeyboardEvent} event */
  function cancel(event) {
    if (event.key === "Escape" && asked) ask(false);
  }

  ask(false);
  button.removeAttribute("aria-disabled");
  button.addEventListener("click", press);
  button.addEventListener("keydown", cancel);
  return () => {
    over = true;
    clearTimeout(timer);
    button.removeEventListener("click", press);
    button.removeEventListener("keydown", cancel);
  };
}
