import type { RunStore } from '../../../step/call/step-value.ts'
import { readStepPart } from '../../../step/messages/step-parts.ts'
import type { StepRead } from '../../../step/record/outcome.ts'
import { type CompiledPipeline, compiledStepAt } from '../../plan/compiled.ts'
import type { StepInstance } from '../../plan/instance.ts'
import { instanceId, instanceOfNode, loopsAround, readingInstance, resolveRead, stepName } from '../../plan/instance.ts'
import type { PipelineStepStart } from '../../plan/messages/step-order.ts'
import { findRead } from './step-values.ts'

/** A step that another one depends on, and its end as that one reads it. */
export type UpstreamStep = { readonly instance: StepInstance; readonly read: StepRead }

/** All steps that a step depends on: those it reads, and those that it or a loop waits for, as a file's writer. */
export async function* upstreamOf(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  start: PipelineStepStart,
  store: RunStore,
): AsyncGenerator<UpstreamStep> {
  const { reads } = start.work.order
  for (const [name, followed] of await upstreamNames(pipeline, instance, start, store)) {
    const known = reads === 'parts' ? undefined : reads[name]
    const read = known ?? (await findRead(start.run.id, instanceId(followed), store.readParts))
    if (read) yield { instance: followed, read }
  }
}

/** By the names of its start message; before a first iteration there are none. */
async function upstreamNames(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  { work: { order }, run }: PipelineStepStart,
  { readParts }: RunStore,
): Promise<ReadonlyMap<string, StepInstance>> {
  const reader = readingInstance(instance, order.loop?.iteration)
  const names = new Map<string, StepInstance>()
  const depends = async (teller: StepInstance) => {
    const part = await readStepPart(readParts, run.id, instanceId(teller))
    return part?.status === 'completed' ? (part.depends ?? []) : []
  }
  for (const one of [...loopsAround(instance), instance])
    for (const need of await effectiveNeeds(pipeline, one, depends)) names.set(need, instanceOfNode(one, need))
  for (const name of compiledStepAt(pipeline, instance.node).edges.reads) {
    const read = resolveRead(reader, name)
    if (read) names.set(name, read)
  }
  return names
}

/** The needs of a step without the optional ones that it turned out not to depend on. */
async function effectiveNeeds(
  pipeline: CompiledPipeline,
  { node, indices }: StepInstance,
  depends: (teller: StepInstance) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const { needs, maybe } = compiledStepAt(pipeline, node).edges
  if (!maybe) return needs
  const names = await depends(instanceOfNode({ node, indices }, maybe.by))
  return needs.filter((need) => !maybe.of.includes(need) || names.includes(stepName(need)))
}
