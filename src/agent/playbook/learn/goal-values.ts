/**
 * A value in the text of a goal, which a later goal of the same form
 * may replace. `name`: the goal gives it a name, as in `file: a.txt`.
 */
export type GoalValue = {
  readonly kind: 'line' | 'quoted' | 'word'
  readonly text: string
  readonly start: number
  readonly end: number
  readonly name?: string
}

/**
 * The values in the text of a goal: the rest of a line `name: value`, texts in quotation marks, and single words. They
 * may overlap. Those that say most about themselves come first. Pure.
 */
export function valuesIn(goal: string): readonly GoalValue[] {
  return [...lineValues(goal), ...quotedValues(goal), ...wordValues(goal)]
}

/** Closing marks by their opening ones. */
export const QUOTES: { readonly [open: string]: string } = { '"': '"', "'": "'", '`': '`', '“': '”', '«': '»' }

/** Marks that a word does not begin or end with. */
const LEADING = /^[([{<"'`“‘«]+/
const TRAILING = new Set('.,;:!?…)]}>"\'`”’»')

/** The text without the marks around it, and how many of them stood before it. */
export function withoutMarks(text: string): { readonly text: string; readonly before: number } {
  const before = LEADING.exec(text)?.[0].length ?? 0
  let end = text.length
  while (end > before && TRAILING.has(text[end - 1]!)) end--
  return { text: text.slice(before, end), before }
}

function lineValues(goal: string): GoalValue[] {
  const values: GoalValue[] = []
  let start = 0
  for (const line of goal.split('\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).trim()
    const rest = line.slice(colon + 1)
    const text = rest.trim()
    const at = start + colon + 1 + rest.length - rest.trimStart().length
    if (/^[A-Za-z_][\w-]{0,39}$/.test(name) && /^\s/.test(rest) && text !== '')
      values.push({ kind: 'line', text, start: at, end: at + text.length, name })
    start += line.length + 1
  }
  return values
}

function quotedValues(goal: string): GoalValue[] {
  const values: GoalValue[] = []
  for (let at = 0; at < goal.length; at++) {
    const close = QUOTES[goal[at]!]
    // an apostrophe inside a word opens nothing
    if (close === undefined || /[\p{L}\p{N}]/u.test(goal[at - 1] ?? ' ')) continue
    const end = goal.indexOf(close, at + 1)
    const text = goal.slice(at + 1, Math.max(end, at + 1))
    if (text === '' || text.includes('\n')) continue
    values.push({ kind: 'quoted', text, start: at + 1, end })
    at = end
  }
  return values
}

function wordValues(goal: string): GoalValue[] {
  return [...goal.matchAll(/\S+/g)].flatMap(({ 0: run, index }): GoalValue[] => {
    const { text, before } = withoutMarks(run)
    const start = index + before
    return text === '' ? [] : [{ kind: 'word', text, start, end: start + text.length }]
  })
}
