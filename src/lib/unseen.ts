/**
 * Invisible characters, and characters that reorder others: format and bidi controls,
 * zero-width spaces, fillers, tags, and the line and paragraph separators of Unicode.
 * Arabic and Kaithi signs of the same class are visible, so they are not among them.
 */
const UNSEEN =
  /(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu

/** Shows invisible characters as codes, such as `\u202e`. Joiners that shape an emoji or joined letters stay. */
export function showUnseen(text: string, show: (sign: string) => string = codeOf): string {
  return text.replace(UNSEEN, (sign, at: number) => (shapesItsWord(sign, at, text) ? sign : show(sign)))
}

const HIDDEN = /\p{Default_Ignorable_Code_Point}+/gu
const ASCII = /^\p{ASCII}*$/u

/** A text in one Unicode form without invisible marks, such as soft hyphens: to compare words and names of files. */
export const withoutHidden = (text: string): string => (ASCII.test(text) ? text : text.normalize().replace(HIDDEN, ''))

/** A text on one line, with its invisible characters and control characters shown as codes. */
export function showOnOneLine(text: string): string {
  return showUnseen(text.replaceAll('\n', '\\n')).replace(/\p{Cc}/gu, codeOf)
}

function codeOf(sign: string): string {
  const code = sign.codePointAt(0)!.toString(16)
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`
}

/** A character of a script whose letters change with a joiner, and the marks on it. */
const JOINING = [
  ...['Arabic', 'Syriac', 'Mongolian', 'Nko', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil'],
  ...['Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Khmer', 'Myanmar'],
]
const letter = `[${JOINING.map((script) => `\\p{Script=${script}}`).join('')}]`
const AFTER_LETTER = new RegExp(`(?=${letter})\\p{L}\\p{M}*$`, 'u')
const BEFORE_LETTER = new RegExp(`^(?=${letter})\\p{L}`, 'u')
const AFTER_PICTURE = /\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?$/u
const BEFORE_PICTURE = /^\p{Extended_Pictographic}/u

/** Characters before a sign that decide on it: a letter and its marks. */
const LOOK_BACK = 8

function shapesItsWord(sign: string, at: number, text: string): boolean {
  const before = text.slice(Math.max(0, at - LOOK_BACK), at)
  const after = text.slice(at + sign.length, at + sign.length + 2)
  switch (sign) {
    case '\u200d':
      if (AFTER_PICTURE.test(before) && BEFORE_PICTURE.test(after)) return true
      return AFTER_LETTER.test(before) && BEFORE_LETTER.test(after)
    case '\u200c':
      return AFTER_LETTER.test(before) && BEFORE_LETTER.test(after)
    case '\ufe0e':
    case '\ufe0f':
      // after a digit only as a key of a keyboard
      return /[0-9#*]$/.test(before) ? after.startsWith('\u20e3') : /\p{Emoji}$/u.test(before)
    default:
      // the form of a Chinese character
      return /[\u{e0100}-\u{e01ef}]/u.test(sign) && /\p{Script=Han}$/u.test(before)
  }
}
