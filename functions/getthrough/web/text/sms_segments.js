/** Computes how a text is sent as SMS: the alphabet, the segments, and the characters that force Unicode. Pure. */

/**
 * @typedef {object} Segments
 * @property {"GSM-7" | "Unicode"} alphabet
 * @property {number} characters   as Vonage counts them: code points
 * @property {number} segments   each is paid for
 * @property {number} left   units that the last segment has room for
 * @property {string[]} culprits   the visible characters outside GSM-7, each once, in the order of the text
 */

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
/** These take two units: an escape comes before them. */
const EXTENDED = new Set("\f^{}\\[~]|€");

const SIZES = { "GSM-7": { alone: 160, part: 153 }, Unicode: { alone: 70, part: 67 } };

/** @param {string} text @returns {Segments} */
export function segmentsOf(text) {
  const characters = [...text];
  const plain = characters.every(isGsm);
  /** @type {Segments["alphabet"]} */
  const alphabet = plain ? "GSM-7" : "Unicode";
  const { alone, part } = SIZES[alphabet];
  const units = characters.map((character) => (plain ? (EXTENDED.has(character) ? 2 : 1) : character.length));
  const all = units.reduce((sum, unit) => sum + unit, 0);
  const facts = { alphabet, characters: characters.length, culprits: plain ? [] : culpritsOf(text) };
  if (all <= alone) return { ...facts, segments: all ? 1 : 0, left: alone - all };
  let segments = 1;
  let used = 0;
  for (const unit of units) {
    if (used + unit > part) {
      // an escape or a surrogate stays with the unit that belongs to it
      segments += 1;
      used = 0;
    }
    used += unit;
  }
  return { ...facts, segments, left: part - used };
}

/** @param {string} character */
function isGsm(character) {
  return BASIC.has(character) || EXTENDED.has(character);
}

/** @param {string} text */
function culpritsOf(text) {
  const seen = Array.from(
    new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text),
    ({ segment }) => segment,
  );
  return [...new Set(seen.filter((grapheme) => ![...grapheme].every(isGsm)))];
}

/** Characters that word processors and phones insert on their own, and the plain ones that replace them. @type {Record<string, string>} */
const PLAIN = {
  "‘": "'",
  "’": "'",
  "‚": "'",
  "‛": "'",
  "′": "'",
  "`": "'",
  "´": "'",
  "“": '"',
  "”": '"',
  "„": '"',
  "‟": '"',
  "″": '"',
  "«": '"',
  "»": '"',
  "‐": "-",
  "‑": "-",
  "‒": "-",
  "–": "-",
  "—": "-",
  "−": "-",
  "•": "-",
  "…": "...",
  "\u00a0": " ",
  "\u2002": " ",
  "\u2003": " ",
  "\u2009": " ",
  "\u202f": " ",
  "\t": " ",
  "\u00ad": "",
  "\u200b": "",
  "\u2060": "",
  "\ufeff": "",
};

/** The text with plain characters where they read the same. @param {string} text */
export function plainer(text) {
  return Array.from(text.normalize("NFC"), (character) => PLAIN[character] ?? character).join("");
}

/** @type {Record<string, string>} */
const NAMES = {
  "\u00a0": "a no-break space",
  "\u202f": "a narrow no-break space",
  "\u2009": "a thin space",
  "\t": "a tab",
  "\u00ad": "a soft hyphen",
  "\u200b": "an invisible space",
  "\u2060": "an invisible joiner",
  "\ufeff": "an invisible mark",
};

/** A character in quotation marks, or its name if it is invisible. @param {string} character */
export function named(character) {
  const visible = /^(?:[\p{L}\p{N}\p{P}\p{S}\p{M}\p{Emoji}]|\u200d)+$/u.test(character);
  return (
    NAMES[character] ??
    (visible ? `“${character}”` : `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`)
  );
}
