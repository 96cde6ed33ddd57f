import { type CompiledPipeline, compiledStepAt } from '../../plan/compiled.ts'
import {
  instanceId,
  instanceOfNode,
  loopsAround,
  readingInstance,
  resolveRead,
  type StepInstance,
  stepName,
} from '../../plan/instance.ts'
import type { StepRead, StepStart } from '../../plan/messages/step-start.ts'
import { findPart, type Store } from './step-values.ts'

/** A step that another one follows, and what that is told of it. */
export type Followed = { readonly instance: StepInstance; readonly read: StepRead }

/** All that a step follows: what it reads, and what it or a loop around it only waits for, such as who writes a file. */
export async function* followedBy(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  start: StepStart,
  store: Store,
): AsyncGenerator<Followed> {
  for (const [name, followed] of await namesOf(pipeline, instance, start, store)) {
    const told = start.reads === 'parts' ? undefined : start.reads[name]
    const read = told ?? (await findPart(start.run.id, instanceId(followed), store.readParts))
    if (read) yield { instance: followed, read }
  }
}

/** By the names that its start has for them; before a first iteration there is nothing. */
async function namesOf(
  pipeline: CompiledPipeline,
  instance: StepInstance,
  { turn, run }: StepStart,
  { readParts }: Store,
): Promise<ReadonlyMap<string, StepInstance>> {
  const reader = readingInstance(instance, turn)
  const names = new Map<string, StepInstance>()
  const depends = async (teller: StepInstance) => (await findPart(run.id, instanceId(teller), readParts))?.depends ?? []
  for (const one of [...loopsAround(instance), instance])
    for (const need of await needsOf(pipeline, one, depends)) names.set(need, instanceOfNode(one, need))
  for (const name of compiledStepAt(pipeline, instance.node).reads) {
    const read = resolveRead(reader, name)
    if (read) names.set(name, read)
  }
  return names
}

/** Of what it waits for only if it is told to the others may still be under way. */
async function needsOf(
  pipeline: CompiledPipeline,
  { node, indices }: StepInstance,
  depends: (teller: StepInstance) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const { needs, maybe } = compiledStepAt(pipeline, node)
  if (!maybe) return needs
  const told = await depends(instanceOfNode({ node, indices }, maybe.by))
  return needs.filter((need) => !maybe.of.includes(need) || told.includes(stepName(need)))
}
