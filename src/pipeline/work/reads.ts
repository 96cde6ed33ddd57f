import { NotFoundError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { type CompiledPipeline, stepOf } from '../compiled.ts'
import { type Instance, instanceId, partName, sibling } from '../instance.ts'
import type { StepRead, StepStart } from '../messages.ts'
import { justBefore, type ReadParts, type Ref, readRef, storeRef, type Values } from '../values.ts'
import type { StepValue } from '../view.ts'

/** Where the values of a run lie. */
export type Store = { readonly values: Values; readonly readParts: ReadParts }

/** The values of all steps this one reads, by node: those that came with the message, else from the run's own parts. */
export async function loadReads(
  pipeline: CompiledPipeline,
  instance: Instance,
  start: StepStart,
  store: Store,
): Promise<ReadonlyMap<string, StepValue>> {
  const nodes = stepOf(pipeline, instance.node).reads
  const loaded = new Map<string, StepValue>()
  for (const node of nodes) {
    const id = instanceId(sibling(pipeline, instance, node))
    const read = start.reads === 'parts' ? await readPart(start.run.id, id, store) : start.reads[node]
    if (read) loaded.set(node, await valueOfStep(read, store.values))
  }
  return loaded
}

/** What a step's part says it came to. */
export async function valueOfStep({ status, result, problem, reason }: StepRead, values: Values): Promise<StepValue> {
  if (result) return (await readRef(values, result)) as StepValue
  if (status === 'failed') return { status, result: null, ...(problem && { error: problem.message }) }
  return { status: 'skipped', result: null, ...(reason !== undefined && { reason }) }
}

/** Keeps what a step came to; the reference is durable. */
export function storeValue({ values }: Pick<Store, 'values'>, value: StepValue): Promise<Ref> {
  return storeRef(values, value as unknown as Json)
}

/** The run that an id names. */
export const runRef = (id: string): ActorRef => ({ kind: 'run', key: id })

// of all names that begin with this one it is the first itself
async function readPart(run: string, id: string, { readParts }: Store): Promise<StepRead> {
  for await (const [name, part] of readParts(runRef(run), {
    prefix: partName(id),
    after: justBefore(partName(id)),
    limit: 1,
  })) {
    if (name === partName(id)) return part as Json as StepRead
  }
  throw new NotFoundError(`run ${run} has no part of step ${id}`)
}
