import type { Json, JsonObject } from '../../kernel/json.ts'
import { readRef, type ValueStore } from '../values.ts'
import { type EndedStep, resultOf, type StepValue } from './outcome.ts'

/** A large value in a loop's result, by its blob, which the step's own part names, too: it stays with the run. */
export type ReferencedValue = Pick<StepValue, 'status' | 'duration' | 'handled'> & { readonly blob: string }

/** A step in the result of a loop: a reference when its value is large, else the value. */
export type ItemValue = StepValue | ReferencedValue

/** The reference to a step's value; undefined when the value is small. */
export function referencedValue(step: EndedStep): ReferencedValue | undefined {
  const result = resultOf(step)
  if (!result || !('blob' in result)) return undefined
  const { status, ms, recovery } = step
  return {
    status,
    blob: result.blob,
    duration: ms,
    ...(recovery?.handled !== undefined && { handled: recovery.handled }),
  }
}

/** Reads a referenced value, or returns the reference to leave it unread. */
type ReadReference = (named: ReferencedValue) => Promise<StepValue | ReferencedValue>

/** Reads all references in the result of a loop. */
export function referenceReader(values: ValueStore): ReadReference {
  return async ({ blob, handled }) => {
    const value = (await readRef(values, { blob })) as StepValue
    return handled === undefined ? value : { ...value, handled }
  }
}

export function countReferenced(items: readonly ItemValue[]): number {
  return items.reduce((sum, item) => sum + (isReferenced(item) ? 1 : (item.named ?? 0)), 0)
}

/** A step's value with its references resolved. */
export async function resolveReferences({ named, ...value }: StepValue, read: ReadReference): Promise<StepValue> {
  if (!named) return value
  const result = value.result as JsonObject
  switch (value.loop!) {
    case 'for_each':
    case 'while':
    case 'foreach':
      return { ...value, result: { ...result, results: await each(result.results, (item) => resolveItem(item, read)) } }
    case 'queue': {
      const results = await each(result.results, async (one) => {
        const item = one as JsonObject
        return { ...item, result: await resolveItem(item.result!, read) }
      })
      return { ...value, result: { ...result, results } }
    }
    case 'action_loop': {
      const turns = await each(result.all_results, async (one) => {
        const turn = one as JsonObject
        return { ...turn, results: await resolveItem(turn.results!, read) }
      })
      const last = await resolveItem(result.final_results!, read)
      return { ...value, result: { ...result, all_results: turns, final_results: last } }
    }
  }
}

// in sequence, to hold only one value in memory
async function each(items: Json | undefined, read: (item: Json) => Promise<Json>): Promise<Json[]> {
  const all: Json[] = []
  for (const item of items as readonly Json[]) all.push(await read(item))
  return all
}

/** A step, several by their names, or nothing that was reached. */
async function resolveItem(item: Json, read: ReadReference): Promise<Json> {
  if (item === null) return null
  const found = item as ItemValue | { readonly [child: string]: Json }
  if (!isItem(found)) {
    const row: { [child: string]: Json } = {}
    for (const [child, value] of Object.entries(found)) row[child] = await resolveItem(value, read)
    return row
  }
  const value = isReferenced(found) ? await read(found) : found
  return isReferenced(value) ? value : await resolveReferences(value, read)
}

const isItem = (item: { readonly status?: unknown }): item is ItemValue => typeof item.status === 'string'

export const isReferenced = (item: object): item is ReferencedValue =>
  'blob' in item && typeof item.blob === 'string' && !('result' in item)
