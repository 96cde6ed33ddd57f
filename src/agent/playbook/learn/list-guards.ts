import type { Json } from '../../../kernel/schema.ts'
import { type DoneCall, NoPlaybook } from './completed-goal.ts'
import { type ResultPath, type ResultPlace, valueAtPath } from './results.ts'
import { type Segment, type StepOfCall, textsIn } from './written.ts'

/** A list that steps read by position, and the length that it must have. */
export type ListGuard = { readonly place: ResultPlace; readonly length: number; readonly steps: readonly string[] }

type Item = { readonly index: number; readonly use: string; readonly step: string }

/**
 * The lists whose items the steps read one by one. NoPlaybook unless all items of such a list are used in the same way:
 * a model that chose among them would choose others next time. Pure.
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
