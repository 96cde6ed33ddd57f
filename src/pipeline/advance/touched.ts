import type { RunEvent } from '../advance.ts'
import { type CompiledPipeline, stepOf } from '../compiled.ts'
import {
  type Instance,
  instanceId,
  isInBody,
  isLoop,
  loopPartName,
  loopsAround,
  parseInstance,
  partName,
  sibling,
} from '../instance.ts'
import type { GroupEnd, SegmentEnd } from '../messages.ts'
import { stepOfEnd } from '../short.ts'
import type { RunState } from '../state.ts'
import { isCounted } from './counted.ts'
import { FAN } from './release.ts'
import { type Following, partsToFollow, passedIn } from './routes.ts'

/** The parts `advance` may read for an event. */
export function partsFor(pipeline: CompiledPipeline, run: RunState, event: RunEvent): readonly string[] {
  switch (event.type) {
    case 'begin':
      return []
    case 'fill':
      return loopParts(pipeline, parseInstance(pipeline, event.loop))
    case 'segment-end':
      return segmentParts(pipeline, run, event)
    case 'group-end':
      return groupParts(pipeline, run, event)
    case 'fan-out':
      return event.of === null ? [] : releaseParts(pipeline, parseInstance(pipeline, event.of), event.from)
    case 'skip':
    case 'pass':
      return routeParts(pipeline, run, event)
    case 'undone':
      return event.steps.map(({ step }) => partName(step))
    case 'step-wait':
      return ownPart(parseInstance(pipeline, event.step))
    case 'step-end':
      return [...endParts(pipeline, event.step), ...queueParts(run)]
  }
}

/** Only the first of a segment's steps was in flight, and only the last gives way to others. */
function segmentParts(pipeline: CompiledPipeline, run: RunState, { ends }: SegmentEnd): readonly string[] {
  const [first, last] = [stepOfEnd(ends[0]), stepOfEnd(ends.at(-1)!)]
  return [...ownPart(parseInstance(pipeline, first)), ...endParts(pipeline, last), ...queueParts(run)]
}

/** Each that ended gives its place to one of those who wait. */
function groupParts(pipeline: CompiledPipeline, run: RunState, { of, ends, apart }: GroupEnd): readonly string[] {
  const ended = ends.flatMap((end) => endParts(pipeline, stepOfEnd(end)))
  const others = apart.flatMap(({ step }) => ownPart(parseInstance(pipeline, step)))
  return [...new Set([partName(of), ...queueParts(run, ends.length), ...ended, ...others])]
}

function endParts(pipeline: CompiledPipeline, step: string): readonly string[] {
  const instance = parseInstance(pipeline, step)
  return [...ownPart(instance), ...releaseParts(pipeline, instance, 0)]
}

/** Whether a step of the graph is in flight says the run itself. */
function ownPart(instance: Instance | undefined): string[] {
  return instance && isInBody(instance.node) ? [partName(instanceId(instance))] : []
}

function routeParts(pipeline: CompiledPipeline, run: RunState, event: Following): readonly string[] {
  const instance = parseInstance(pipeline, event.of)!
  const told = passedIn(pipeline, instance, event).flatMap((each) => releaseParts(pipeline, each, 0))
  const own = [partName(event.of), ...loopParts(pipeline, instance)]
  return [...new Set([...own, ...partsToFollow(pipeline, instance, event), ...queueParts(run), ...told])]
}

function queueParts({ queue: { head, tail } }: RunState, ends = 1): string[] {
  return Array.from({ length: Math.min(tail - head, ends) }, (_, n) => `queue/${head + n}`)
}

/** Who waits for one step only is not counted down, and has no part before it starts. */
function releaseParts(pipeline: CompiledPipeline, instance: Instance | undefined, from: number): string[] {
  if (!instance) return []
  const nodes = stepOf(pipeline, instance.node).dependents.slice(from, from + FAN)
  const counted = nodes.filter((node) => isCounted(stepOf(pipeline, node)))
  const parts = counted.map((node) => partName(instanceId(sibling(instance, node))))
  return [...loopParts(pipeline, instance), ...parts]
}

/** How far the loops around an instance are, and it itself if it is one. */
function loopParts(pipeline: CompiledPipeline, instance: Instance | undefined): string[] {
  if (!instance) return []
  const loops = isLoop(pipeline, instance.node) ? [instance, ...loopsAround(instance)] : loopsAround(instance)
  return loops.map((loop) => loopPartName(instanceId(loop)))
}
