import { type CompiledPipeline, stepOf } from '../../plan/compiled.ts'
import { type Instance, instanceId, instanceRead, loopsAround, nameOf, readerAt, sibling } from '../../plan/instance.ts'
import type { StepRead, StepStart } from '../../plan/messages/step-start.ts'
import { findPart, type Store } from './step-values.ts'

/** A step that another one follows, and what that is told of it. */
export type Followed = { readonly instance: Instance; readonly read: StepRead }

/** All that a step follows: what it reads, and what it or a loop around it only waits for, such as who writes a file. */
export async function* followedBy(
  pipeline: CompiledPipeline,
  instance: Instance,
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
  instance: Instance,
  { turn, run }: StepStart,
  { readParts }: Store,
): Promise<ReadonlyMap<string, Instance>> {
  const reader = readerAt(instance, turn)
  const names = new Map<string, Instance>()
  const depends = async (teller: Instance) => (await findPart(run.id, instanceId(teller), readParts))?.depends ?? []
  for (const one of [...loopsAround(instance), instance])
    for (const need of await needsOf(pipeline, one, depends)) names.set(need, sibling(one, need))
  for (const name of stepOf(pipeline, instance.node).reads) {
    const read = instanceRead(reader, name)
    if (read) names.set(name, read)
  }
  return names
}

/** Of what it waits for only if it is told to the others may still be under way. */
async function needsOf(
  pipeline: CompiledPipeline,
  { node, indices }: Instance,
  depends: (teller: Instance) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const { needs, maybe } = stepOf(pipeline, node)
  if (!maybe) return needs
  const told = await depends(sibling({ node, indices }, maybe.by))
  return needs.filter((need) => !maybe.of.includes(need) || told.includes(nameOf(need)))
}
