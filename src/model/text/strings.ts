/** The first so many UTF-16 units of a text, one less where they would end within a character. */
export function truncate(text: string, length: number): string {
  return length >= text.length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
}

/** The source of a regular expression that finds a text as it stands. */
export function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
