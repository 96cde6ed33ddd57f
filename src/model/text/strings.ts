/** The first `length` UTF-16 units of a text; one less if that would split a character. */
export function truncate(text: string, length: number): string {
  return length >= text.length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
}

/** A regular expression source that matches the text literally. */
export const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
