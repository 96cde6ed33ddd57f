import type { Json } from '../../../kernel/schema.ts'
import { type DoneCall, NoPlaybook, shown } from './completed-goal.ts'
import type { GoalValue } from './goal-values.ts'
import { isCommonWord, namesValue } from './phrases.ts'
import { type ResultPlace, type Results, wordsOf } from './results.ts'
import { type Replacement, replaceIn, type Segment, type Written } from './written.ts'

/** Everything that a value of a parameter can come from. */
export type Origins = {
  /** the values of the goal that are inputs, the longest first */
  readonly values: readonly GoalValue[]
  readonly results: Results
  /** the text of the goal without these values, which every goal of the form has */
  readonly words: string
  readonly instructions: string
}

/** The place of a text: the round of its call, its parameter, and a name for people. */
type Place = { readonly round: number; readonly key: string; readonly what: string }

/**
 * The parameters of a call with their values replaced: those of the goal by inputs, and those of earlier results by
 * references. NoPlaybook when a value may come from two places: they differ in another goal. Pure.
 */
export function writeParameters(call: DoneCall, origins: Origins): Written {
  return writeValue(call.parameters, '', call, origins)
}

function writeValue(value: Json, key: string, call: DoneCall, origins: Origins): Written {
  const place = { round: call.round, key, what: `${key} of ${call.tool}` }
  if (typeof value === 'string') return { type: 'text', segments: writeText(value, place, origins) }
  if (typeof value === 'number') return writeNumber(value, place, origins)
  if (typeof value !== 'object' || value === null) return { type: 'literal', value }
  const isEmpty = Object.keys(value).length === 0
  if (isEmpty && key !== '') return { type: 'literal', value }
  const whole = key === '' ? [] : origins.results.findWhole(value, call.round)
  if (whole.length > 0) return { type: 'text', segments: [onlyOf(whole, place)] }
  if (Array.isArray(value)) return { type: 'list', items: value.map((item) => writeValue(item, key, call, origins)) }
  const fields = Object.entries(value).map(([name, field]) => {
    const path = key === '' ? name : `${key}.${name}`
    return [name, writeValue(field ?? null, path, call, origins)]
  })
  return { type: 'map', fields: Object.fromEntries(fields) as { readonly [name: string]: Written } }
}

/** The answer of a goal as segments. */
export const writeAnswer = (answer: string, origins: Origins): readonly Segment[] =>
  writeText(answer, { round: Number.POSITIVE_INFINITY, key: '', what: 'the answer' }, origins)

function writeText(text: string, place: Place, origins: Origins): readonly Segment[] {
  const { values, results, words, instructions } = origins
  if (text === '') return []
  if (values.some((value) => value.text === text)) return [fromGoal(text, place, origins)]
  const isNamed = place.key !== '' && [words, instructions].some((one) => namesValue(one, place.key, text))
  if (isNamed) return [text]
  const whole = copiesOf(text, place, results)
  if (whole.length > 0) return [onlyOf(whole, place)]
  const goalPieces = values.map((value): Replacement => {
    return { text: value.text, by: () => fromGoal(value.text, place, origins) }
  })
  const resultPieces = results.textsBefore(place.round).flatMap((piece): Replacement[] => {
    if (piece.length > text.length || !text.includes(piece) || isUnremarkable(piece, words)) return []
    return [{ text: piece, by: () => onlyOf(results.find(piece, place.round), place) }]
  })
  return replaceIn(text, [...goalPieces, ...resultPieces])
}

function fromGoal(text: string, place: Place, { results }: Origins): Segment {
  const { round, what } = place
  const isNumber = Number.isFinite(Number(text))
  if (results.find(text, round).length > 0 || (isNumber && results.find(Number(text), round).length > 0))
    throw new NoPlaybook(`${what} may come from the goal or from a result: ${shown(text)}`)
  return { type: 'goal', text }
}

function onlyOf(places: readonly ResultPlace[], { what }: Place): Segment {
  const [first, ...others] = places
  if (others.length > 0) throw new NoPlaybook(`${what} may come from several places in the results`)
  return { type: 'result', call: first!.call, path: first!.path, ...(first!.trimmed && { trimmed: true }) }
}

/**
 * The places that a value was copied from. A number appears in many
 * results by chance, so only a field with the parameter's name counts.
 */
function copiesOf(value: string | number, { round, key }: Place, results: Results): readonly ResultPlace[] {
  const places = results.find(value, round)
  const isNumber = typeof value === 'number' || Number.isFinite(Number(value))
  return isNumber && key !== '' ? places.filter(({ path }) => path.at(-1) === key.split('.').at(-1)) : places
}

/** Words that stand in a result and elsewhere by accident. */
function isUnremarkable(text: string, known: string): boolean {
  const words = wordsOf(text)
  const own = new Set(wordsOf(known))
  return text.length < 2 || !/\p{L}/u.test(text) || words.every((word) => own.has(word) || isCommonWord(word))
}

function writeNumber(value: number, place: Place, origins: Origins): Written {
  const text = String(value)
  if (origins.values.some((one) => one.text === text))
    return { type: 'text', segments: [fromGoal(text, place, origins)] }
  const places = copiesOf(value, place, origins.results)
  return places.length > 0 ? { type: 'text', segments: [onlyOf(places, place)] } : { type: 'literal', value }
}
