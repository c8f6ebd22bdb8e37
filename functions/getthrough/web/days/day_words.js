/** A day's figures in words and shares. Pure, but for the day that it is. */

import { dayName, today } from "../time/days.js";

/** @import { Tone } from "../text/words.js" */

/** @typedef {[Tone, number]} Share   a part of a bar */

/** @param {string} date */
export function nothingWords(date) {
  if (date === today()) return "No messages yet.";
  const day = dayName(date) === "Yesterday" ? "this day" : dayName(date);
  return `No messages on ${day}. Old messages are deleted after a while. Use the arrows to choose another day.`;
}

/** Where each part begins and how wide it is, in per cent; empty parts are left out. @param {Share[]} parts */
export function shares(parts) {
  const whole = parts.reduce((sum, [, share]) => sum + share, 0) || 1;
  let before = 0;
  return parts.flatMap(([tone, count]) => {
    const from = (100 * before) / whole;
    before += count;
    return count > 0 ? [{ tone, from, width: (100 * count) / whole }] : [];
  });
}

/** "1.4 s", "12 min" @param {number} seconds */
export function span(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)}\u00a0s`;
  if (seconds < 99.5) return `${Math.round(seconds)}\u00a0s`;
  return seconds < 5_970 ? `${Math.round(seconds / 60)}\u00a0min` : `${Math.round(seconds / 3600)}\u00a0h`;
}
