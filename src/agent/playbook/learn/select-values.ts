import type { Json } from '../../../kernel/schema.ts'
import type { DoneCall } from './completed-goal.ts'
import type { NamedValue } from './form.ts'
import { type GoalValue, valuesIn } from './goal-values.ts'
import { hasPhrase } from './phrases.ts'
import { isBetweenWords } from './written.ts'

/** A text of a parameter, and the parameter. */
type Use = { readonly key: string; readonly text: string }

/** Names that mean something else in templates. */
const RESERVED = new Set(
  'and context data else endfor endif execution false for goal if in inputs is item loop none not or outputs parameters results set steps true'.split(
    ' ',
  ),
)

/**
 * The values of a goal that occur in the parameters of its calls, without those that
 * overlap with others. A value that occurs several times in the goal is one input. A
 * value that the instructions also name is not an input: either may be its origin. Pure.
 */
export function selectValues(goal: string, calls: readonly DoneCall[], instructions: string): readonly NamedValue[] {
  const uses = calls.flatMap(({ parameters }) => usesIn(parameters, ''))
  const wanted = valuesIn(goal).filter(
    (value) => !hasPhrase(instructions, value.text) && uses.some((use) => isUse(value, use)),
  )
  const chosen: GoalValue[] = []
  for (const value of wanted.toSorted((one, other) => other.text.length - one.text.length))
    if (chosen.every((other) => isApart(goal, value, other))) chosen.push(value)
  return named(
    chosen.toSorted((one, other) => one.start - other.start),
    uses,
  )
}

function usesIn(value: Json, key: string): readonly Use[] {
  if (typeof value === 'string' || typeof value === 'number') return [{ key, text: String(value) }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, item]) => usesIn(item ?? null, Array.isArray(value) ? key : name))
}

/** A whole parameter; a part of one only for values that do not stand there by accident. */
function isUse({ kind, text }: GoalValue, use: Use): boolean {
  if (use.text === text) return text.length > 1 || /\d/.test(text)
  const isRemarkable = text.length > 2 && (kind !== 'word' || /[^\p{L}'’-]/u.test(text))
  if (!isRemarkable) return false
  const at = use.text.indexOf(text)
  return at >= 0 && isBetweenWords(use.text, at, at + text.length)
}

/** Two words that white space does not divide could not be told apart in another goal. */
function isApart(goal: string, one: GoalValue, other: GoalValue): boolean {
  const [first, second] = one.start < other.start ? [one, other] : [other, one]
  if (second.start < first.end) return false
  if (first.kind !== 'word' && second.kind !== 'word') return second.start > first.end
  return /\s/.test(goal.slice(first.end, second.start))
}

/** Each value with the name of an input: its own name, else that of the parameter that it is. */
function named(values: readonly GoalValue[], uses: readonly Use[]): readonly NamedValue[] {
  const names = new Map<string, string>()
  for (const { text, name } of values) {
    if (names.has(text)) continue
    const wanted = identifier(name ?? uses.find((use) => use.text === text)?.key ?? 'value')
    const taken = new Set(names.values())
    let input = wanted
    for (let number = 2; taken.has(input); number++) input = `${wanted}_${number}`
    names.set(text, input)
  }
  return values.map((value) => ({ ...value, input: names.get(value.text)! }))
}

function identifier(name: string): string {
  const word = name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^[^A-Za-z]+/, '')
  return word === '' || RESERVED.has(word.toLowerCase()) ? `${word}_value`.replace(/^_/, '') : word
}
