/** Looks names up that come from outside. Pure. */

/**
 * A table's own entry. `table[name]` would find `constructor` and `__proto__` too, which every object has.
 * @template T
 * @param {Record<string, T>} table
 * @param {string} name
 * @returns {T | undefined}
 */
export function own(table, name) {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
