/** Creates and updates elements. Data only becomes text nodes and plain attributes, never markup. */

/**
 * An element. Attributes that are null or false are left out, true ones are empty.
 * @param {string} tag
 * @param {Record<string, string | number | boolean | null>} attributes
 * @param {...(Node | string | null | undefined | false)} children   missing ones are left out
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
 * The first element within `root` that matches; the markup has it.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {T}
 */
export function part(root, selector) {
  return /** @type {T} */ (root.querySelector(selector));
}

/**
 * All elements within `root` that match.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export function parts(root, selector) {
  return [.../** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(selector))];
}

/**
 * Shows a sentence in its place, or hides the element if the text is empty.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function tell(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}

/** Announces a text to screen readers. @param {string} text */
export function announce(text) {
  byId("live").textContent = text;
}

/** The data behind each child of a reconciled list. @type {WeakMap<Element, {key: string, stamp: string}>} */
const origins = new WeakMap();

/**
 * Makes the children of `parent` show `items`. It replaces only what changed, so that focus and open details stay.
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

/** Replaces `old` with `node`, with the same details open and the same link, button or summary in focus. @param {Element} old @param {Element} node */
function replace(old, node) {
  const open = old.querySelectorAll("details");
  for (const [index, details] of node.querySelectorAll("details").entries()) details.open = open[index]?.open ?? false;
  const focusable = "a, button, summary";
  const focused = parts(old, focusable).indexOf(/** @type {HTMLElement} */ (document.activeElement));
  old.replaceWith(node);
  parts(node, focusable)[focused]?.focus();
}
