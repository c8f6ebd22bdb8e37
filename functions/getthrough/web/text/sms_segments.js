/** How a text travels as SMS: in which alphabet, in how many segments, and which characters force the dearer one. Pure. */

/**
 * @typedef {object} Segments
 * @property {"GSM-7" | "Unicode"} alphabet
 * @property {number} characters   as Vonage counts them: code points
 * @property {number} segments   each is paid for
 * @property {number} left   units that the last segment has room for
 * @property {string[]} culprits   what does not fit into GSM-7, as people see it, each once, in the order of the text
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
  const alphabet = plain ? "GSM-7" : "Unicode";
  const { alone, part } = SIZES[alphabet];
  const units = characters.map((character) => (plain ? (EXTENDED.has(character) ? 2 : 1) : character.length));
  const all = units.reduce((sum, unit) => sum + unit, 0);
  if (all <= alone)
    return {
      alphabet,
      characters: characters.length,
      segments: all ? 1 : 0,
      left: alone - all,
      culprits: plain ? [] : culprits(text),
    };
  let segments = 1;
  let used = 0;
  for (const unit of units) {
    if (used + unit > part) {
      // neither an escape nor a surrogate is parted from what belongs to it
      segments += 1;
      used = 0;
    }
    used += unit;
  }
  return {
    alphabet,
    characters: characters.length,
    segments,
    left: part - used,
    culprits: plain ? [] : culprits(text),
  };
}

/** @param {string} character */
function isGsm(character) {
  return BASIC.has(character) || EXTENDED.has(character);
}

/** @param {string} text */
function culprits(text) {
  const seen = Array.from(
    new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text),
    ({ segment }) => segment,
  );
  return [...new Set(seen.filter((grapheme) => ![...grapheme].every(isGsm)))];
}

/** What word processors and telephones put in unasked, and what stands on every keyboard instead. @type {Record<string, string>} */
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

/** The same text with plain characters wherever that changes nothing for a reader. @param {string} text */
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

/** A character as one can speak of it: “’”, or a name where nothing is to be seen. @param {string} character */
export function named(character) {
  const seen = /^[\p{L}\p{N}\p{P}\p{S}\p{M}\p{Emoji}\u200d\ufe0f]+$/u.test(character);
  return (
    NAMES[character] ??
    (seen ? `“${character}”` : `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`)
  );
}
