/** @import { Api } from "./api.js" */

/**
 * @param {Api} api
 * @param {string | null} id   the one that is open
 * @returns {() => void} stops it
 */
export function openSchedules(api, id) {
  return () => {};
}
