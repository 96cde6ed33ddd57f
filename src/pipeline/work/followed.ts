import { type CompiledPipeline, stepOf } from '../compiled.ts'
import { type Instance, instanceId, instanceRead, loopsAround, readerAt, sibling } from '../instance.ts'
import type { StepRead, StepStart } from '../messages.ts'
import { findPart, type Store } from './reads.ts'

/** A step that another one follows, and what that is told of it. */
export type Followed = { readonly instance: Instance; readonly read: StepRead }

/** All that a step follows: what it reads, and what it or a loop around it only waits for, such as who writes a file. */
export async function* followedBy(
  pipeline: CompiledPipeline,
  instance: Instance,
  start: StepStart,
  store: Store,
): AsyncGenerator<Followed> {
  for (const [name, followed] of namesOf(pipeline, instance, start)) {
    const told = start.reads === 'parts' ? undefined : start.reads[name]
    const read = told ?? (await findPart(start.run.id, instanceId(followed), store.readParts))
    if (read) yield { instance: followed, read }
  }
}

/** By the names that its start has for them; before a first iteration there is nothing. */
function namesOf(pipeline: CompiledPipeline, instance: Instance, { turn }: StepStart): ReadonlyMap<string, Instance> {
  const reader = readerAt(instance, turn)
  const names = new Map<string, Instance>()
  for (const one of [...loopsAround(instance), instance])
    for (const need of needsOf(pipeline, one)) names.set(need, sibling(one, need))
  for (const name of stepOf(pipeline, instance.node).reads) {
    const read = instanceRead(reader, name)
    if (read) names.set(name, read)
  }
  return names
}

/** What it waits for only if it is told to may still be under way. */
function needsOf(pipeline: CompiledPipeline, { node }: Instance): readonly string[] {
  const { needs, maybe } = stepOf(pipeline, node)
  return maybe ? needs.filter((need) => !maybe.of.includes(need)) : needs
}
