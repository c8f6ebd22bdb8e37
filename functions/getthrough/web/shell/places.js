/**
 * Opaque names for what may not stand in a URL: a customer's address, or what was searched for. A name is random, and
 * means something only in the tabs of this browser that are signed in.
 */

const KEPT = "getthrough.places";

/** What each name stands for. @returns {Record<string, unknown>} */
export function keptPlaces() {
  try {
    return /** @type {Record<string, unknown>} */ (JSON.parse(sessionStorage.getItem(KEPT) ?? "{}"));
  } catch {
    return {};
  }
}

/** Takes over the names of another tab. @param {Record<string, unknown>} places */
export function acceptPlaces(places) {
  sessionStorage.setItem(KEPT, JSON.stringify({ ...places, ...keptPlaces() }));
}

/** The name of a value: the same one each time. @param {unknown} value */
export function nameOf(value) {
  const wanted = JSON.stringify(value);
  const known = Object.entries(keptPlaces()).find(([, one]) => JSON.stringify(one) === wanted);
  if (known) return known[0];
  const name = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
  sessionStorage.setItem(KEPT, JSON.stringify({ ...keptPlaces(), [name]: value }));
  return name;
}

/** The value of a name; null if this browser does not know it. @param {string} name */
export function placeOf(name) {
  const places = keptPlaces();
  return Object.hasOwn(places, name) ? (places[name] ?? null) : null;
}
