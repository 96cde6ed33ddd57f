import { NotFoundError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { type CompiledPipeline, stepOf } from '../compiled.ts'
import type { Inputs } from '../inputs.ts'
import { type Instance, instanceId, partName, sibling } from '../instance.ts'
import type { StepRead, StepStart } from '../messages.ts'
import { justBefore, type ReadParts, type Ref, readRef, storeRef, type Values } from '../values.ts'
import type { StepValue } from '../view.ts'

/** Where the values of a run lie. */
export type Store = { readonly values: Values; readonly readParts: ReadParts }

/** What a step is done with: its inputs, the values of the steps it reads by node, and of a body step what its loop goes over. */
export type Loaded = {
  readonly inputs: Inputs
  readonly reads: ReadonlyMap<string, StepValue>
  readonly list: readonly Json[]
}

/** All that came with the message at once; the rest from the value store and the run's own parts. */
export function loadValues(
  pipeline: CompiledPipeline,
  instance: Instance,
  start: StepStart,
  store: Store,
): Loaded | Promise<Loaded> {
  const { reads, collect } = start
  const inputs = start.inputs as { readonly inline?: Inputs }
  const list = (start.list?.ref ?? { inline: [] }) as { readonly inline?: readonly Json[] }
  const values = reads === 'parts' ? undefined : valuesIn(collect ? [] : stepOf(pipeline, instance.node).reads, reads)
  if (!inputs.inline || !list.inline || !values) return loadLater(pipeline, instance, start, store)
  return { inputs: inputs.inline, reads: values, list: collect ? [] : list.inline }
}

/** Undefined: not all of them are here. */
function valuesIn(
  nodes: readonly string[],
  reads: { readonly [node: string]: StepRead },
): ReadonlyMap<string, StepValue> | undefined {
  if (nodes.length === 0) return NONE
  const values = new Map<string, StepValue>()
  for (const node of nodes) {
    const read = reads[node]
    if (!read) continue
    if (read.result && 'blob' in read.result) return undefined
    values.set(node, read.result ? (read.result.inline as StepValue) : withoutResult(read))
  }
  return values
}

const NONE: ReadonlyMap<string, StepValue> = new Map()

async function loadLater(
  pipeline: CompiledPipeline,
  instance: Instance,
  start: StepStart,
  store: Store,
): Promise<Loaded> {
  const { list, collect } = start
  const nodes = collect ? [] : stepOf(pipeline, instance.node).reads
  const reads = new Map<string, StepValue>()
  for (const node of nodes) {
    const id = instanceId(sibling(pipeline, instance, node))
    const read = start.reads === 'parts' ? await readPart(start.run.id, id, store) : start.reads[node]
    if (read) reads.set(node, await valueOfStep(read, store.values))
  }
  return {
    inputs: (await readRef(store.values, start.inputs)) as Inputs,
    reads,
    list: list && !collect ? ((await readRef(store.values, list.ref)) as readonly Json[]) : [],
  }
}

/** What a step's part says it came to. */
export async function valueOfStep(read: StepRead, values: Values): Promise<StepValue> {
  return read.result ? ((await readRef(values, read.result)) as StepValue) : withoutResult(read)
}

function withoutResult({ status, problem, reason }: StepRead): StepValue {
  if (status === 'failed') return { status, result: null, ...(problem && { error: problem.message }) }
  return { status: 'skipped', result: null, ...(reason !== undefined && { reason }) }
}

/** Keeps what a step came to; the reference is durable. */
export function storeValue({ values }: Pick<Store, 'values'>, value: StepValue): Ref | Promise<Ref> {
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
