/** Parts of an error that differ from run to run: names in quotes, addresses, paths, files, words with digits or `_`. */
const VARIABLE = /`[^`]*`|"[^"]*"|“[^”]*”|(?<!\p{L})'[^']*'|\S*(?:[/\\@\d_]|\p{L}\.\p{L})\S*/gu
/** Shorter words would find too much. */
const MIN_LETTERS = 4
/** The longest text that a list of runs is searched for. */
const MAX_SEARCHED = 200

/** The longest stretch of words in the first line of an error that other runs have, too; '' if there is none. Pure. */
export function constantWords(error: string): string {
  const stretches = error
    .split('\n')[0]!
    .split(VARIABLE)
    .map((stretch) => stretch.replace(/^\P{L}+|\P{L}+$/gu, ''))
  const longest = stretches.reduce((best, stretch) => (stretch.length > best.length ? stretch : best), '')
  return longest.length < MIN_LETTERS ? '' : longest.slice(0, MAX_SEARCHED)
}
