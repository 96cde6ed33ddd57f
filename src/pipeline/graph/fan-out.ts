import { type CompiledStep, compiledStepAt } from '../plan/compiled.ts'
import { instanceId, instanceOfNode, loopAround, type StepInstance, stepName } from '../plan/instance.ts'
import type { StepPart } from '../plan/step-outcome.ts'
import { type Draft, isCounted, readStep, writeStep } from './draft.ts'
import { isStopped, launchBody } from './loops.ts'
import { admit } from './window.ts'

/** How many dependents one turn touches. */
export const FAN = 256

/** Tells the dependents of a step, or the roots of the graph, that it is done; past 256 by a message to oneself. */
export function release(draft: Draft, of: StepInstance | null, from: number): void {
  const nodes = of ? compiledStepAt(draft.pipeline, of.node).dependents : draft.pipeline.roots
  const loop = of ? loopAround(of) : undefined
  if (isStopped(draft, loop)) return
  const ready: StepInstance[] = []
  for (let n = from; n < nodes.length && n < from + FAN; n++) {
    const instance = instanceOfNode(of ?? NOWHERE, nodes[n]!)
    if (becomesReady(draft, instance, of)) ready.push(instance)
  }
  if (nodes.length > from + FAN) draft.again.push({ type: 'fan-out', of: of && instanceId(of), from: from + FAN })
  if (loop === undefined) admit(draft, ready)
  else for (const instance of ready) launchBody(draft, loop, instance)
}

const NOWHERE: StepInstance = { node: '', indices: [] }

function becomesReady(draft: Draft, instance: StepInstance, of: StepInstance | null): boolean {
  const step = compiledStepAt(draft.pipeline, instance.node)
  if (!isCounted(step)) return true
  const id = instanceId(instance)
  const known: StepPart = readStep(draft, id) ?? { status: 'waiting', missing: step.needs.length }
  // a route has passed over it, or it waits for this one no longer
  if (known.status !== 'waiting') return false
  const part = step.maybe && of ? meet(draft, step, known, of) : { ...known, missing: known.missing! - 1 }
  const missing = part.missing!
  if (missing > 0 || step.onDemand) writeStep(draft, id, part)
  if (missing > 0) return false
  if (!step.onDemand || part.demanded) return true
  draft.again.push({ type: 'skip', of: id, end: 'unreached', from: 0 })
  return false
}

/** One that it may wait for has ended; of those it counts only the ones it was told to wait for, once that is told. */
function meet(draft: Draft, { needs, maybe }: CompiledStep, part: StepPart, of: StepInstance): StepPart {
  const met = [...(part.met ?? []), of.node]
  const told = of.node === maybe!.by ? readStep(draft, instanceId(of))?.depends : undefined
  const free = told ? maybe!.of.filter((node) => !told.includes(stepName(node))) : (part.free ?? [])
  const missing = needs.filter((node) => !met.includes(node) && !free.includes(node)).length
  return { ...part, met, free, missing }
}
