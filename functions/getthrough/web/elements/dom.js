/** Elements, built and brought up to date. Data only ever becomes text nodes and plain attributes, never markup. */

/**
 * An element. Attributes that are null or false are left out, true ones are empty.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | null>} attributes
 * @param {...(Node | string | null | undefined | false)} children   those that are not there are left out
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * The element with this id, which index.html has.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  return /** @type {T} */ (document.getElementById(id));
}

/**
 * A sentence in its place, or none: an empty text hides the element.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function tell(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}

/** Says something to screen readers. @param {string} text */
export function announce(text) {
  byId("live").textContent = text;
}

/** What each child of a reconciled list was made from. @type {WeakMap<Element, {key: string, stamp: string}>} */
const origins = new WeakMap();

/**
 * Makes the children of `parent` show `items`, touching only what changed, so that focus and open details stay.
 * @template T
 * @param {Element} parent
 * @param {T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} make
 */
export function reconcile(parent, items, keyOf, make) {
  const kept = new Set(items.map(keyOf));
  const before = new Map();
  for (const node of [...parent.children]) {
    const key = origins.get(node)?.key;
    if (key !== undefined && kept.has(key)) before.set(key, node);
    else node.remove();
  }
  let next = parent.firstElementChild;
  for (const item of items) {
    const origin = { key: keyOf(item), stamp: JSON.stringify(item) };
    let node = before.get(origin.key);
    if (origins.get(node)?.stamp !== origin.stamp) {
      const fresh = make(item);
      origins.set(fresh, origin);
      if (node) replace(node, fresh);
      if (node && node === next) next = fresh;
      node = fresh;
    }
    if (next && node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
}

/** Puts `node` where `old` was, with the same details open and the same link, button or summary in focus. @param {Element} old @param {Element} node */
function replace(old, node) {
  const [open, opening] = [old, node].map((root) => root.querySelectorAll("details"));
  opening.forEach((details, index) => (details.open = open[index]?.open ?? false));
  const [focusable, focusing] = [old, node].map((root) => [
    .../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("a, button, summary")),
  ]);
  const focused = focusable.findIndex((element) => element === document.activeElement);
  old.replaceWith(node);
  focusing[focused]?.focus();
}
