import type { RunEvent } from '../advance.ts'
import { type CompiledPipeline, stepOf } from '../compiled.ts'
import { type Instance, instanceId, parseInstance, partName, sibling } from '../instance.ts'
import type { SegmentEnd, StepEnd } from '../messages.ts'
import type { RunState } from '../state.ts'
import { FAN } from './release.ts'

/** The parts `advance` may read for an event. */
export function partsFor(pipeline: CompiledPipeline, run: RunState, event: RunEvent): readonly string[] {
  if (event.type === 'begin' || event.type === 'fill') return []
  if (event.type === 'segment-end') return segmentParts(pipeline, run, event)
  const id = event.type === 'fan-out' ? event.of : event.step
  const instance = id === null ? undefined : parseInstance(pipeline, id)
  if (!instance) return []
  if (event.type === 'fan-out') return dependentParts(pipeline, instance, event.from)
  const own = instance.index === undefined ? [] : [partName(event.step)]
  const released = [instance, ...closingLoop(pipeline, run, instance, event)]
  return [...own, ...queueParts(run), ...released.flatMap((ended) => dependentParts(pipeline, ended, 0))]
}

/** Only the first of a segment's steps was in flight, and only the last gives way to others. */
function segmentParts(pipeline: CompiledPipeline, run: RunState, { ends }: SegmentEnd): readonly string[] {
  const first = parseInstance(pipeline, ends[0].step)
  const own = first?.index === undefined ? [] : [partName(ends[0].step)]
  return [...own, ...partsFor(pipeline, run, ends.at(-1)!)]
}

function queueParts({ queue: { head, tail } }: RunState): string[] {
  return head === tail ? [] : [`queue/${head}`]
}

/** Who waits for one step only is not counted down, and has no part before it starts. */
function dependentParts(pipeline: CompiledPipeline, instance: Instance, from: number): string[] {
  const nodes = stepOf(pipeline, instance.node).dependents.slice(from, from + FAN)
  return nodes
    .filter((node) => stepOf(pipeline, node).needs.length > 1)
    .map((node) => partName(instanceId(sibling(pipeline, instance, node))))
}

/** The loop that may end with this step because something in it failed. */
function closingLoop(pipeline: CompiledPipeline, run: RunState, { node }: Instance, { status }: StepEnd): Instance[] {
  const { loop } = stepOf(pipeline, node)
  return loop !== undefined && (status === 'failed' || run.loops[loop]?.problem) ? [{ node: loop }] : []
}
