/** A button for what cannot be taken back: the first press asks, the second one does it. */

const PATIENCE = 6_000;

/**
 * @param {HTMLElement} button
 * @param {string} wish   what it says
 * @param {string} question   what it says after the first press
 * @param {() => Promise<void>} act   must not throw
 * @returns {() => void} takes it back
 */
export function asking(button, wish, question, act) {
  let asked = false;
  let busy = false;
  let over = false;
  let timer = 0;

  /** @param {boolean} now */
  function ask(now) {
    clearTimeout(timer);
    asked = now;
    button.textContent = now ? question : wish;
    button.classList.toggle("asked", now);
    if (now) timer = setTimeout(ask, PATIENCE, false);
  }

  /** @param {MouseEvent} event */
  async function press({ detail }) {
    if (busy || (asked && detail > 1)) return; // a double click is one wish, not an answer
    if (!asked) return ask(true);
    busy = true;
    button.setAttribute("aria-disabled", "true");
    await act();
    if (over) return; // the button may ask for something else by now
    busy = false;
    button.removeAttribute("aria-disabled");
    ask(false);
  }

  /** @param {KeyboardEvent} event */
  function escape(event) {
    if (event.key === "Escape" && asked) ask(false);
  }

  ask(false);
  button.removeAttribute("aria-disabled");
  button.addEventListener("click", press);
  button.addEventListener("keydown", escape);
  return () => {
    over = true;
    clearTimeout(timer);
    button.removeEventListener("click", press);
    button.removeEventListener("keydown", escape);
  };
}
