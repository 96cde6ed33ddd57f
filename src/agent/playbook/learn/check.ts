import type { Json } from '../../../kernel/schema.ts'
import { isCommonWord } from './common-words.ts'
import { type DoneCall, NoPlaybook } from './completed-goal.ts'
import { type ResultPath, type ResultPlace, valueAtPath, wordsOf } from './results.ts'
import type { Origins } from './write-call.ts'
import { type Segment, type StepOfCall, textsIn, type Written } from './written.ts'

/** Words of one text that come from nowhere. With more of them the model wrote the text, and it would write another one for another goal. */
const MAX_NEW_WORDS = 4

/** Marks that the pipeline language gives a meaning, or that ask for a secret. */
const MARKS = /\{[{%#]|<\/?AUTO|secret:\/\//i

/**
 * Checks that another goal may use the literal texts of a call. NoPlaybook when a text has a word of an earlier result that no reference can
 * express, or when the model wrote it. Pure.
 */
export function checkTexts(
  { tool, round, constants }: DoneCall,
  written: Written,
  { results, known, own }: Origins,
): void {
  for (const { key, segments } of textsIn(written)) {
    const literals = segments.filter((segment) => typeof segment === 'string')
    if (literals.some((text) => MARKS.test(text))) throw new NoPlaybook(`${key} of ${tool} has marks of templates`)
    const words = literals.flatMap(wordsOf).filter((word) => !known.has(word) && !isCommonWord(word))
    const found = words.find(
      (word) => word.length > 1 && !own.has(word) && !constants.includes(word) && results.hasWord(word, round),
    )
    if (found !== undefined) throw new NoPlaybook(`${key} of ${tool} has the word ${found} of an earlier result`)
    if (new Set(words).size > MAX_NEW_WORDS) throw new NoPlaybook(`the model wrote ${key} of ${tool} itself`)
  }
}

/** A list that steps read by position, and the length that it must have. */
export type ListGuard = { readonly place: ResultPlace; readonly length: number; readonly steps: readonly string[] }

type Item = { readonly index: number; readonly use: string; readonly step: string }

/**
 * The lists whose items the steps read one by one. NoPlaybook unless all items of such a list are used in the same way: a model that chose among
 * them would choose others next time. Pure.
 */
export function listGuards(
  steps: readonly StepOfCall[],
  answer: readonly Segment[] | undefined,
  calls: readonly DoneCall[],
): readonly ListGuard[] {
  const lists = new Map<string, { readonly place: ResultPlace; readonly items: Item[] }>()
  const note = (segment: Segment, use: string, step: string) => {
    if (typeof segment === 'string' || segment.type !== 'result') return
    for (const [depth, index] of segment.path.entries()) {
      if (typeof index !== 'number') continue
      const place = { call: segment.call, path: segment.path.slice(0, depth) }
      const id = JSON.stringify(place)
      const list = lists.get(id) ?? { place, items: [] as Item[] }
      list.items.push({ index, step, use: JSON.stringify([use, withoutPositions(segment.path.slice(depth + 1))]) })
      lists.set(id, list)
    }
  }
  for (const { id, call, written } of steps)
    for (const { key, segments } of textsIn(written))
      for (const segment of segments) note(segment, `${call.tool} ${key}`, id)
  for (const segment of answer ?? []) note(segment, 'answer', '')
  return [...lists.values()].map(({ place, items }) => {
    const { length } = valueAtPath(calls[place.call]!.result, place.path) as readonly Json[]
    const uses = Array.from({ length }, (_, index) => usesOf(items, index))
    if (uses.some((use) => use === '' || use !== uses[0]))
      throw new NoPlaybook(`the model chose among the items of a result of ${calls[place.call]!.tool}`)
    return { place, length, steps: [...new Set(items.map(({ step }) => step))].filter((step) => step !== '') }
  })
}

const withoutPositions = (path: ResultPath) => path.map((key) => (typeof key === 'number' ? '#' : key))

const usesOf = (items: readonly Item[], index: number) =>
  items
    .filter((item) => item.index === index)
    .map(({ use }) => use)
    .toSorted()
    .join()
