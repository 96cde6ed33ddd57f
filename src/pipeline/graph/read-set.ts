import type { BatchEnd } from '../../step/messages/step-end.ts'
import { stepPartName } from '../../step/record/outcome.ts'
import { type CompiledPipeline, compiledStepAt } from '../plan/compiled.ts'
import {
  instanceId,
  instanceOf,
  instanceOfNode,
  isInBody,
  isLoop,
  loopPartName,
  loopsAround,
  parseInstance,
  type StepInstance,
} from '../plan/instance.ts'
import type { FollowRoute } from '../plan/messages/run.ts'
import type { RunState } from '../plan/run-state.ts'
import { countsDependencies, type GraphEvent } from './draft.ts'
import { MAX_FANOUT } from './fan-out.ts'
import { queueIn, queueNames, queuePartName } from './ready-queues.ts'
import { partsOnRoute, stepsPassedOn } from './routes.ts'
import { READY_PART } from './strategy.ts'

/** The names of the parts that `advance` may read for an event. A name can occur more than once. */
export function readSet(pipeline: CompiledPipeline, run: RunState, event: GraphEvent): readonly string[] {
  const names: string[] = pipeline.strategy ? [READY_PART] : []
  switch (event.type) {
    case 'begin':
      break
    case 'fill':
      addLoops(names, pipeline, parseInstance(pipeline, event.loop))
      break
    case 'batch-end':
      addBatch(names, pipeline, event)
      addQueue(names, run, event.mode === 'parallel' ? event.ends.length : 1)
      break
    case 'fan-out':
      if (event.of !== null) addDependents(names, pipeline, parseInstance(pipeline, event.of), event.from)
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
      addOwnPart(names, parseInstance(pipeline, event.step))
      break
    case 'step-end':
      addEnd(names, pipeline, event.step)
      addQueue(names, run)
      break
  }
  return names
}

/** Only the first step of a sequence was in flight, and only the last one frees a place in the window. */
function addBatch(names: string[], pipeline: CompiledPipeline, batch: BatchEnd): void {
  if (batch.mode === 'sequence') {
    addOwnPart(names, parseInstance(pipeline, batch.ends[0].step))
    addEnd(names, pipeline, batch.ends.at(-1)!.step)
    return
  }
  names.push(stepPartName(batch.of))
  for (const end of batch.ends) addEnd(names, pipeline, end.step)
  for (const { step } of batch.deferred) addOwnPart(names, parseInstance(pipeline, step))
}

function addEnd(names: string[], pipeline: CompiledPipeline, step: string): void {
  const instance = parseInstance(pipeline, step)
  addOwnPart(names, instance)
  addDependents(names, pipeline, instance, 0)
}

/** The run's cell lists the graph's steps in flight, so only a step of a loop body needs its part. */
function addOwnPart(names: string[], instance: StepInstance | undefined): void {
  if (instance && isInBody(instance.node)) names.push(stepPartName(instanceId(instance)))
}

function addRoute(names: string[], pipeline: CompiledPipeline, event: FollowRoute): void {
  const instance = instanceOf(pipeline, event.of)
  names.push(stepPartName(event.of), ...partsOnRoute(pipeline, instance, event))
  addLoops(names, pipeline, instance)
  for (const each of stepsPassedOn(pipeline, instance, event)) addDependents(names, pipeline, each, 0)
}

function addQueue(names: string[], run: RunState, ends = 1): void {
  for (const name of queueNames(run)) {
    const { head, tail } = queueIn(run, name)
    for (let n = head; n < tail && n < head + ends; n++) names.push(queuePartName(name, n))
  }
}

/** A step with a single dependency has no counter, so it has no part before it starts. */
function addDependents(
  names: string[],
  pipeline: CompiledPipeline,
  instance: StepInstance | undefined,
  from: number,
): void {
  if (!instance) return
  const { dependents } = compiledStepAt(pipeline, instance.node).edges
  addLoops(names, pipeline, instance)
  for (let n = from; n < dependents.length && n < from + MAX_FANOUT; n++) {
    const node = dependents[n]!
    if (countsDependencies(compiledStepAt(pipeline, node)))
      names.push(stepPartName(instanceId(instanceOfNode(instance, node))))
  }
}

/** The state of the loops around an instance, and of the instance itself if it is a loop. */
function addLoops(names: string[], pipeline: CompiledPipeline, instance: StepInstance | undefined): void {
  if (!instance) return
  if (isLoop(pipeline, instance.node)) names.push(loopPartName(instanceId(instance)))
  for (const loop of loopsAround(instance)) names.push(loopPartName(instanceId(loop)))
}
