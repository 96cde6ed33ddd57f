import { escapeRegExp } from '../../text/strings.ts'

/** A choice in the author's words: one name if something is true, another one if not. */
type ConditionalChoice = { readonly condition: string; readonly yes: string; readonly no: string }

const ELSE = /\b(?:otherwise|else|if not)\b/i
/** The ends of a condition that lead to a name, from the last to the first. */
const LEADS = [
  /["'`]$/,
  /\b(?:go(?:es)?(?: on)? (?:to|with)|goto|continue with|choose|pick|use|take|answer(?: with)?|it is)$/i,
  /\bthen$/i,
  /[,;:]$/,
]

/** Reads `publish if …, otherwise improve` and `if …, publish, else improve`; undefined for other texts. */
export function findConditional(question: string, names: readonly string[]): ConditionalChoice | undefined {
  const [before, behind] = cutAt(question, /\bif\b/i)
  const [between, after] = cutAt(behind, ELSE)
  const middle = between.trimEnd().replace(/[,;.]$/, '')
  const [no, ...others] = findNames(after, names)
  if (no === undefined || others.length > 0) return undefined
  const inside = findNames(middle, names)
  const outside = findNames(before, names)
  if (inside.length === 1) return { condition: conditionBefore(middle, inside[0]!), yes: inside[0]!, no }
  return inside.length === 0 && outside.length === 1 ? { condition: middle.trim(), yes: outside[0]!, no } : undefined
}

/** The names that occur in a text as separate words. */
export function findNames(text: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => wordOf(name).test(text))
}

function conditionBefore(text: string, name: string): string {
  const condition = text.slice(0, text.search(wordOf(name)))
  return LEADS.reduce((rest, lead) => rest.replace(lead, '').trimEnd(), condition).trim()
}

/** The texts before and behind the first match; the second is empty without one. */
function cutAt(text: string, mark: RegExp): readonly [before: string, behind: string] {
  const found = mark.exec(text)
  return found ? [text.slice(0, found.index), text.slice(found.index + found[0].length)] : [text, '']
}

function wordOf(name: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}_-])${escapeRegExp(name)}(?![\\p{L}\\p{N}_-])`, 'iu')
}
