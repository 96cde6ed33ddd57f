/** Whether a character, by its code, belongs to a set. */
export type CharacterTest = (code: number) => boolean

/** The characters from `low` to `high`. */
export const inRange = (low: number, high: number) => (code: number) => code >= low && code <= high
const isWord = remembering((code) => code === 95 || /[\p{L}\p{N}]/u.test(String.fromCodePoint(code)))
const isDigit: CharacterTest = inRange(48, 57)
const isSpace: CharacterTest = (code) => code <= 0xffff && /\s/.test(String.fromCharCode(code))
/** All other characters. */
export const notMatching = (fits: CharacterTest) => (code: number) => !fits(code)

/** The characters with a Unicode property, such as `L` or `Script=Greek`; undefined for an unknown property. */
export function withProperty(name: string): CharacterTest | undefined {
  try {
    const one = new RegExp(`^\\p{${name}}$`, 'u')
    return remembering((code) => one.test(String.fromCodePoint(code)))
  } catch {
    return undefined
  }
}

/** The classes `\d`, `\w`, `\s` and their complements. */
export const CHARACTER_CLASSES: { readonly [letter: string]: CharacterTest } = {
  d: isDigit,
  D: notMatching(isDigit),
  w: isWord,
  W: notMatching(isWord),
  s: isSpace,
  S: notMatching(isSpace),
}
/**
 * The escapes such as `
 * `.
 */
export const CONTROL_ESCAPES: { readonly [letter: string]: number } = { n: 10, t: 9, r: 13, f: 12, v: 11, '0': 0 }

const wordBefore = (text: string, at: number) => at > 0 && isWord(text.charCodeAt(at - 1))
const wordAfter = (text: string, at: number) => at < text.length && isWord(text.charCodeAt(at))
/** After a newline or at the start. */
export const startOfLine = (text: string, at: number) => at === 0 || text[at - 1] === '\n'
/** Before a newline or at the end. */
export const endOfLine = (text: string, at: number) => at === text.length || text[at] === '\n'
/** At the end, or before the newline that ends the text. */
export const endOrLastNewline = (text: string, at: number) =>
  at === text.length || (at === text.length - 1 && text[at] === '\n')
/** The assertions such as `\b`. */
export const POSITION_TESTS: { readonly [letter: string]: (text: string, at: number) => boolean } = {
  b: (text, at) => wordBefore(text, at) !== wordAfter(text, at),
  B: (text, at) => wordBefore(text, at) === wordAfter(text, at),
  A: (_text, at) => at === 0,
  Z: (text, at) => at === text.length,
}

export function ignoringCase(fits: CharacterTest): CharacterTest {
  return remembering((code) => {
    const letter = String.fromCodePoint(code)
    return fits(code) || fits(letter.toLowerCase().codePointAt(0)!) || fits(letter.toUpperCase().codePointAt(0)!)
  })
}

/** A set with cached answers for common characters. */
function remembering(fits: CharacterTest): CharacterTest {
  // 0: not known yet, 1: no, 2: yes
  const known = new Uint8Array(512)
  return (code) => {
    if (code < 0 || code >= known.length) return fits(code)
    if (known[code] === 0) known[code] = fits(code) ? 2 : 1
    return known[code] === 2
  }
}
