import type { Json } from '../../kernel/schema.ts'
import { belowId } from '../plan/child-run-id.ts'
import type { Origin } from '../plan/messages/run-start.ts'
import { readRef, storeRef } from '../plan/refs.ts'
import { type Basis, changedNodes, lookingNodes, type Recorded } from '../plan/reuse-source.ts'
import type { Job, PipelineServices } from '../step/context.ts'
import { findPart } from '../step/values/step-values.ts'

/** What a run below takes over, where the run above it takes over what another has recorded: of the one that lay below that in the same place. */
export async function recordedBelow(job: Job, basis: Basis): Promise<Pick<Origin, 'recorded'>> {
  const { services, start, instance } = job
  if (!start.recorded) return {}
  const above = (await readRef(services.values, start.recorded)) as unknown as Recorded
  if (above.named?.includes(instance.node)) return {}
  const run = await runBelow(above.run, start.step, services)
  const before = await services.basisOf?.(run)
  if (!before) return {}
  const { model, looks } = above
  const anew = [...changedNodes(before, basis), ...(looks ? lookingNodes(basis.pipeline) : [])]
  const recorded: Recorded = { run, anew, ...(model !== undefined && { model }), ...(looks && { looks }) }
  return { recorded: await storeRef(services.values, recorded as unknown as Json) }
}

/** The run that a step began, which may have been taken over itself: its result names it. One that failed is found by its place. */
async function runBelow(above: string, step: string, { values, readParts }: PipelineServices): Promise<string> {
  const { result } = (await findPart(above, step, readParts)) ?? {}
  const value =
    result && ((await readRef(values, result)) as { readonly result?: { readonly run_id?: unknown } } | null)
  const told = value?.result?.run_id
  return typeof told === 'string' ? told : belowId(above, step)
}
