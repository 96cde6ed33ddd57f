import { endedStep } from '../plan/codec.ts'
import { type CompiledPipeline, compiledStepAt } from '../plan/compiled.ts'
import {
  instanceId,
  instanceOfNode,
  isInBody,
  isLoop,
  loopPartName,
  loopsAround,
  parseInstance,
  type StepInstance,
  stepPartName,
} from '../plan/instance.ts'
import type { FollowRoute } from '../plan/messages/run.ts'
import type { GroupEnd, SegmentEnd } from '../plan/messages/step-end.ts'
import type { RunState } from '../plan/run-state.ts'
import { isCounted, type RunEvent } from './draft.ts'
import { FAN } from './fan-out.ts'
import { partsToFollow, passedIn } from './routes.ts'

/** The parts `advance` may read for an event, some of them more than once. */
export function partsFor(pipeline: CompiledPipeline, run: RunState, event: RunEvent): readonly string[] {
  const names: string[] = []
  switch (event.type) {
    case 'begin':
      break
    case 'fill':
      addLoops(names, pipeline, parseInstance(pipeline, event.loop))
      break
    case 'segment-end':
      addSegment(names, pipeline, event)
      addQueue(names, run)
      break
    case 'group-end':
      addGroup(names, pipeline, event)
      addQueue(names, run, event.ends.length)
      break
    case 'fan-out':
      if (event.of !== null) addReleased(names, pipeline, parseInstance(pipeline, event.of), event.from)
      break
    case 'skip':
    case 'pass':
      addRoute(names, pipeline, event)
      addQueue(names, run)
      break
    case 'undone':
      for (const { step } of event.steps) names.push(stepPartName(step))
      break
    case 'step-wait':
      addOwn(names, parseInstance(pipeline, event.step))
      break
    case 'step-end':
      addEnd(names, pipeline, event.step)
      addQueue(names, run)
      break
  }
  return names
}

/** Only the first of a segment's steps was in flight, and only the last gives way to others. */
function addSegment(names: string[], pipeline: CompiledPipeline, { ends }: SegmentEnd): void {
  addOwn(names, parseInstance(pipeline, endedStep(ends[0])))
  addEnd(names, pipeline, endedStep(ends.at(-1)!))
}

/** Each that ended gives its place to one of those who wait. */
function addGroup(names: string[], pipeline: CompiledPipeline, { of, ends, apart }: GroupEnd): void {
  names.push(stepPartName(of))
  for (const end of ends) addEnd(names, pipeline, endedStep(end))
  for (const { step } of apart) addOwn(names, parseInstance(pipeline, step))
}

function addEnd(names: string[], pipeline: CompiledPipeline, step: string): void {
  const instance = parseInstance(pipeline, step)
  addOwn(names, instance)
  addReleased(names, pipeline, instance, 0)
}

/** Whether a step of the graph is in flight says the run itself. */
function addOwn(names: string[], instance: StepInstance | undefined): void {
  if (instance && isInBody(instance.node)) names.push(stepPartName(instanceId(instance)))
}

function addRoute(names: string[], pipeline: CompiledPipeline, event: FollowRoute): void {
  const instance = parseInstance(pipeline, event.of)!
  names.push(stepPartName(event.of), ...partsToFollow(pipeline, instance, event))
  addLoops(names, pipeline, instance)
  for (const each of passedIn(pipeline, instance, event)) addReleased(names, pipeline, each, 0)
}

function addQueue(names: string[], { queue: { head, tail } }: RunState, ends = 1): void {
  for (let n = head; n < tail && n < head + ends; n++) names.push(`queue/${n}`)
}

/** Who waits for one step only is not counted down, and has no part before it starts. */
function addReleased(
  names: string[],
  pipeline: CompiledPipeline,
  instance: StepInstance | undefined,
  from: number,
): void {
  if (!instance) return
  const { dependents } = compiledStepAt(pipeline, instance.node)
  addLoops(names, pipeline, instance)
  for (let n = from; n < dependents.length && n < from + FAN; n++) {
    const node = dependents[n]!
    if (isCounted(compiledStepAt(pipeline, node))) names.push(stepPartName(instanceId(instanceOfNode(instance, node))))
  }
}

/** How far the loops around an instance are, and it itself if it is one. */
function addLoops(names: string[], pipeline: CompiledPipeline, instance: StepInstance | undefined): void {
  if (!instance) return
  if (isLoop(pipeline, instance.node)) names.push(loopPartName(instanceId(instance)))
  for (const loop of loopsAround(instance)) names.push(loopPartName(instanceId(loop)))
}
