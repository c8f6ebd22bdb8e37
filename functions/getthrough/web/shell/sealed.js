/**
 * Keeps a secret for a reload, in two halves: browsers write sessionStorage to the disk, where it may stay after it was
 * removed. The half that goes there says nothing without the other one, which is random. That one is the window's name,
 * which browsers keep in memory. Another site that is opened in this tab may see that half, and never this one.
 */

const MARK = "getthrough:";

/** The half for sessionStorage. The other one is kept from here on. @param {string} secret */
export function seal(secret) {
  const bytes = new TextEncoder().encode(secret);
  const other = crypto.getRandomValues(new Uint8Array(bytes.length));
  window.name = MARK + textOf(other);
  return textOf(mixed(bytes, other));
}

/** The secret; null if this tab does not have the other half. @param {string} half */
export function unseal(half) {
  if (!window.name.startsWith(MARK)) return null;
  try {
    const [bytes, other] = [half, window.name.slice(MARK.length)].map(bytesOf);
    return bytes && other && bytes.length === other.length ? new TextDecoder().decode(mixed(bytes, other)) : null;
  } catch {
    return null; // someone else has named the window
  }
}

/** Forgets the other half. */
export function unsealNoMore() {
  if (window.name.startsWith(MARK)) window.name = "";
}

/** @param {Uint8Array} bytes @param {Uint8Array} other */
function mixed(bytes, other) {
  return bytes.map((byte, index) => byte ^ (other[index] ?? 0));
}

/** @param {Uint8Array} bytes */
function textOf(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

/** @param {string} text */
function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
