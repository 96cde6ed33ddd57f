import type { RunEvent } from '../advance.ts'
import { type CompiledPipeline, stepOf } from '../compiled.ts'
import { instanceId, parseInstance, partName, sibling } from '../instance.ts'
import type { StepEnd } from '../messages.ts'
import type { RunState } from '../state.ts'
import { FAN } from './release.ts'

/** The parts `advance` may read for an event. */
export function partsFor(pipeline: CompiledPipeline, run: RunState, event: RunEvent): readonly string[] {
  const head = `queue/${run.queue.head}`
  if (event.type === 'begin') return []
  if (event.type === 'fill') return []
  if (event.type === 'fan-out') return dependentParts(pipeline, event.of, event.from)
  const loop = closingLoop(pipeline, run, event)
  return [partName(event.step), head, ...dependentParts(pipeline, event.step, 0), ...dependentParts(pipeline, loop, 0)]
}

function dependentParts(pipeline: CompiledPipeline, of: string | null, from: number): string[] {
  const instance = of === null ? undefined : parseInstance(pipeline, of)
  if (!instance) return []
  const nodes = stepOf(pipeline, instance.node).dependents.slice(from, from + FAN)
  return nodes.map((node) => partName(instanceId(sibling(pipeline, instance, node))))
}

/** The loop that may end with this step because something in it failed. */
function closingLoop(pipeline: CompiledPipeline, run: RunState, event: StepEnd): string | null {
  const instance = parseInstance(pipeline, event.step)
  const loop = instance && stepOf(pipeline, instance.node).loop
  return loop !== undefined && (event.status === 'failed' || run.loops[loop]?.problem) ? loop : null
}
