import { type WaitingStep, waitingFor } from '../../step/record/outcome.ts'
import { type CompiledStep, compiledStepAt } from '../plan/compiled.ts'
import { instanceId, instanceOfNode, loopAround, type StepInstance, stepName } from '../plan/instance.ts'
import { countsDependencies, type Draft, readStep, writeStep } from './draft.ts'
import { isStopped, startBodyStep } from './loops.ts'
import { admitReady } from './window.ts'

/** The number of dependents that one turn touches. */
export const MAX_FANOUT = 256

/** Releases the dependents of a step, or the roots of the graph; beyond `MAX_FANOUT`, after a message to itself. */
export function releaseDependents(draft: Draft, of: StepInstance | null, from: number): void {
  const nodes = of ? compiledStepAt(draft.pipeline, of.node).edges.dependents : draft.pipeline.roots
  const loop = of ? loopAround(of) : undefined
  if (isStopped(draft, loop)) return
  const ready: StepInstance[] = []
  for (let n = from; n < nodes.length && n < from + MAX_FANOUT; n++) {
    const instance = instanceOfNode(of ?? ROOT, nodes[n]!)
    if (becomesReady(draft, instance, of)) ready.push(instance)
  }
  if (nodes.length > from + MAX_FANOUT)
    draft.selfMessages.push({ type: 'fan-out', of: of && instanceId(of), from: from + MAX_FANOUT })
  if (loop === undefined) admitReady(draft, ready)
  else for (const instance of ready) startBodyStep(draft, loop, instance)
}

const ROOT: StepInstance = { node: '', indices: [] }

function becomesReady(draft: Draft, instance: StepInstance, of: StepInstance | null): boolean {
  const step = compiledStepAt(draft.pipeline, instance.node)
  if (!countsDependencies(step)) return true
  const id = instanceId(instance)
  const known = readStep(draft, id) ?? waitingFor(step.edges.needs)
  // a route has skipped it, or it no longer waits for this step
  if (known.status !== 'waiting') return false
  const part =
    step.edges.maybe && of ? countOptional(draft, step, known, of) : { ...known, pendingDeps: known.pendingDeps - 1 }
  const isPending = part.pendingDeps > 0
  if (isPending || step.routing?.onDemand) writeStep(draft, id, part)
  if (isPending) return false
  if (!step.routing?.onDemand || part.demanded) return true
  draft.selfMessages.push({ type: 'skip', of: id, end: 'unreached', from: 0 })
  return false
}

/** Counts an optional dependency as ended. Only those that the step finally depends on count, once that is known. */
function countOptional(draft: Draft, { edges }: CompiledStep, part: WaitingStep, of: StepInstance): WaitingStep {
  const { needs, maybe } = edges
  const { ended: before = [], dropped: known = [] } = part.optional ?? {}
  const ended = [...before, of.node]
  const decider = of.node === maybe!.by ? readStep(draft, instanceId(of)) : undefined
  const depends = decider?.status === 'completed' ? decider.depends : undefined
  const dropped = depends ? maybe!.of.filter((node) => !depends.includes(stepName(node))) : known
  const pendingDeps = needs.filter((node) => !ended.includes(node) && !dropped.includes(node)).length
  return { ...part, optional: { ended, dropped }, pendingDeps }
}
