import { InvalidError } from '../../../errors.ts'

/** The server that antiphon was run with, and the oldest that it can do with. */
export const KNOWN = '1.7.12'
export const NEEDED = '1.7.0'

/** What is to be thought of a server of that version. */
export function judgeVersion(version: string): 'known' | 'other' | 'too-old' {
  if (version === KNOWN) return 'known'
  return compare(version, NEEDED) < 0 ? 'too-old' : 'other'
}

/** InvalidError for a server that lacks what a node asks of it. */
export function checkVersion(version: string): void {
  if (judgeVersion(version) !== 'too-old') return
  throw new InvalidError(`the Restate server is version ${version}, and ${NEEDED} or newer is needed`, {
    hint: `Known to work: ${KNOWN}`,
  })
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.-]/).map(Number))
  const at = [0, 1, 2].find((place) => left![place] !== right![place])
  return at === undefined ? 0 : left![at]! - right![at]!
}
