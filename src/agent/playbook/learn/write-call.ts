import type { Json } from '../../../kernel/schema.ts'
import { isCommonWord } from './common-words.ts'
import type { DoneCall } from './completed-goal.ts'
import type { GoalValue } from './goal-values.ts'
import { type Results, wordsOf } from './results.ts'
import { type Replacement, replaceIn, type Segment, type Written } from './written.ts'

/** Everything that decides where a value of a parameter comes from. */
export type Origins = {
  /** the values of the goal that are inputs, the longest first */
  readonly values: readonly GoalValue[]
  readonly results: Results
  /** words that the agent knew before its first call */
  readonly known: ReadonlySet<string>
  /** words that the agent itself wrote in earlier calls */
  readonly own: ReadonlySet<string>
}

/**
 * The parameters of a call with their values replaced: first those of the goal, then those of earlier results. Values that the agent knew before
 * its first call stay as they are. Pure.
 */
export function writeParameters(call: DoneCall, origins: Origins): Written {
  return writeValue(call.parameters, '', call, origins)
}

function writeValue(value: Json, key: string, call: DoneCall, origins: Origins): Written {
  if (typeof value === 'string') return { type: 'text', segments: writeText(value, key, call, origins) }
  if (typeof value === 'number') return writeNumber(value, key, call, origins)
  if (typeof value !== 'object' || value === null) return { type: 'literal', value }
  const isEmpty = Object.keys(value).length === 0
  const place = isEmpty || value === call.parameters ? undefined : origins.results.findWhole(value, call.round)
  if (place) return { type: 'text', segments: [{ type: 'result', ...place }] }
  if (Array.isArray(value)) return { type: 'list', items: value.map((item) => writeValue(item, key, call, origins)) }
  const fields = Object.entries(value).map(([name, field]) => [name, writeValue(field ?? null, name, call, origins)])
  return { type: 'map', fields: Object.fromEntries(fields) as { readonly [name: string]: Written } }
}

/** A text, or the answer of a goal, as segments. */
export function writeText(
  text: string,
  key: string,
  { round, constants }: Pick<DoneCall, 'round' | 'constants'>,
  { values, results, known, own }: Origins,
): readonly Segment[] {
  if (values.some((value) => value.text === text)) return [{ type: 'goal', text }]
  const words = wordsOf(text)
  const isKnown = (word: string) => known.has(word) || own.has(word)
  if (constants.includes(text) || (words.length > 0 && words.every(isKnown))) return literal(text)
  const whole = results.find(text, round, key)
  if (whole) return [{ type: 'result', ...whole }]
  const fromGoal = values.map((value): Replacement => ({ text: value.text, by: { type: 'goal', text: value.text } }))
  const fromResults = results.textsBefore(round).flatMap((piece): Replacement[] => {
    if (piece.length > text.length || isUnremarkable(piece, isKnown)) return []
    return text.includes(piece) ? [{ text: piece, by: { type: 'result', ...results.find(piece, round, key)! } }] : []
  })
  return replaceIn(text, [...fromGoal, ...fromResults])
}

const literal = (text: string): readonly Segment[] => (text === '' ? [] : [text])

/** Words that stand in a result and elsewhere by accident. */
function isUnremarkable(text: string, isKnown: (word: string) => boolean): boolean {
  const words = wordsOf(text)
  return text.length < 2 || words.every((word) => isKnown(word) || isCommonWord(word))
}

/** Small numbers stand in many results by accident. They count as values of a result only under the same name. */
const MIN_REMARKABLE = 10

function writeNumber(value: number, key: string, { round }: DoneCall, { values, results, known }: Origins): Written {
  const text = String(value)
  if (values.some((one) => one.text === text)) return { type: 'text', segments: [{ type: 'goal', text }] }
  const place = known.has(text) ? undefined : results.find(value, round, key)
  const counts = place && (Math.abs(value) >= MIN_REMARKABLE || place.path.at(-1) === key)
  return counts ? { type: 'text', segments: [{ type: 'result', ...place }] } : { type: 'literal', value }
}
