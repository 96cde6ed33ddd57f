import type { Json } from '../../../kernel/schema.ts'
import { readRef, type ValueStore } from '../../plan/refs.ts'
import type { StepPart, StepValue } from '../../plan/step-outcome.ts'

/**
 * Stands in the result of a loop for a step whose value has a blob of its own. The step's own part names that blob, too, so it stays as
 * long as the run.
 */
export type NamedValue = Pick<StepValue, 'status' | 'duration' | 'handled'> & { readonly blob: string }

/** What the result of a loop keeps of a step: its name when it is large, else its value. */
export type ItemValue = StepValue | NamedValue

/** What stands for the value of a step; undefined when its value is small. */
export function namedValue({ status, ms, handled, result }: StepPart): NamedValue | undefined {
  if (!result || !('blob' in result)) return undefined
  return {
    status: status as StepValue['status'],
    blob: result.blob,
    ...(ms !== undefined && { duration: ms }),
    ...(handled !== undefined && { handled }),
  }
}

/** Reads what a named value stands for; what it leaves as it is stays named. */
export type ReadItem = (named: NamedValue) => Promise<StepValue | NamedValue>

/** Reads all that the result of a loop names. */
export function itemReader(values: ValueStore): ReadItem {
  return async ({ blob, handled }) => {
    const value = (await readRef(values, { blob })) as unknown as StepValue
    return handled === undefined ? value : { ...value, handled }
  }
}

/** How many values these name. */
export function countNamed(items: readonly ItemValue[]): number {
  return items.reduce((sum, item) => sum + (isNamed(item) ? 1 : (item.named ?? 0)), 0)
}

/** A step's value with the values that it names. */
export async function withItems({ named, ...value }: StepValue, read: ReadItem): Promise<StepValue> {
  if (!named) return value
  const result = value.result as Fields
  switch (value.loop!) {
    case 'for_each':
    case 'while':
    case 'foreach':
      return { ...value, result: { ...result, results: await each(result.results, (item) => readItem(item, read)) } }
    case 'queue': {
      const results = await each(result.results, async (one) => {
        const item = one as Fields
        return { ...item, result: await readItem(item.result!, read) }
      })
      return { ...value, result: { ...result, results } }
    }
    case 'action_loop': {
      const turns = await each(result.all_results, async (one) => {
        const turn = one as Fields
        return { ...turn, results: await readItem(turn.results!, read) }
      })
      const last = await readItem(result.final_results!, read)
      return { ...value, result: { ...result, all_results: turns, final_results: last } }
    }
  }
}

type Fields = { readonly [name: string]: Json }

// one after the other: what is read side by side is in memory side by side
async function each(items: Json | undefined, read: (item: Json) => Promise<Json>): Promise<Json[]> {
  const all: Json[] = []
  for (const item of items as readonly Json[]) all.push(await read(item))
  return all
}

/** A step, several by their names, or nothing that was reached. */
async function readItem(item: Json, read: ReadItem): Promise<Json> {
  if (item === null) return null
  const found = item as unknown as ItemValue | { readonly [child: string]: Json }
  if (!isItem(found)) {
    const row: { [child: string]: Json } = {}
    for (const [child, value] of Object.entries(found)) row[child] = await readItem(value, read)
    return row
  }
  const value = isNamed(found) ? await read(found) : found
  return (isNamed(value) ? value : await withItems(value, read)) as unknown as Json
}

const isItem = (item: { readonly status?: unknown }): item is ItemValue => typeof item.status === 'string'

/** Whether it only names a value. */
export const isNamed = (item: object): item is NamedValue =>
  'blob' in item && typeof item.blob === 'string' && !('result' in item)
