/** The beginning of a text, with a mark where something is left out. */
export const clip = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, wholeCharacters(text, most))}…`

/** The place `at` of a text, or the one before it where `at` would cut a character of two code units in half. */
export const wholeCharacters = (text: string, at: number): number =>
  isHigh(text.charCodeAt(at - 1)) && isLow(text.charCodeAt(at)) ? at - 1 : at

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000
