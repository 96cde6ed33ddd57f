import type { FindSteps, KnownStep } from '../../run/room/report/run-steps.ts'
import type { RunView } from '../../run/run.ts'
import { OUTPUTS_STEP } from '../../step/record/outcome.ts'
import type { ValueStore } from '../../step/values.ts'
import { type CompiledPipeline, compiledStepAt, openPipeline, type StepWork } from '../plan/compiled.ts'
import type { StepInstance } from '../plan/instance.ts'
import { instanceId, instanceOfNode, isInBody, loopsAround, parseInstance } from '../plan/instance.ts'
import { peekRunState } from '../plan/run-state.ts'
import { ACTION_NAMES } from '../step/model-call/text-action.ts'
import { levelsOf } from './plan.ts'

/** Finds the steps of runs of pipelines: those of the graph, and those of iterations that have begun. */
export const stepsOfPipelines =
  (view: RunView, values: ValueStore): FindSteps =>
  async (run, begun) => {
    const { pipeline: hash, unhandled = 0 } = (await peekRunState(view, run))!
    const pipeline = await openPipeline(values, hash)
    return {
      definition: pipeline.id,
      hash,
      steps: inOrder(pipeline, begun).map((instance) => knownStep(pipeline, instance)),
      levels: levelsOf(pipeline),
      unhandled,
    }
  }

function knownStep(pipeline: CompiledPipeline, instance: StepInstance): KnownStep {
  const { work, edges, policy } = compiledStepAt(pipeline, instance.node)
  return {
    id: instanceId(instance),
    ...namesOf(work),
    dependencies: edges.needs.map((need) => instanceId(instanceOfNode(instance, need))),
    isOnce: work.type === 'tool' && policy.effect === 'at-most-once',
    within: loopsAround(instance).map(instanceId),
  }
}

/** All steps of the graph, and those of `known`, in the author's order: a loop before its iterations. */
function inOrder(pipeline: CompiledPipeline, known: Iterable<string>): readonly StepInstance[] {
  const nodes = Object.keys(pipeline.steps)
  const rank = new Map(nodes.map((node, index) => [node, index]))
  const graph = nodes.filter((node) => node !== OUTPUTS_STEP && !isInBody(node))
  const places = [...new Set([...graph, ...known])].flatMap((id) => {
    const instance = id === OUTPUTS_STEP ? undefined : parseInstance(pipeline, id)
    return instance ? [{ instance, place: placeOf(instance, rank) }] : []
  })
  return places.sort((a, b) => compare(a.place, b.place)).map(({ instance }) => instance)
}

/** The ranks of the loops around an instance, each with its iteration, then its own rank. */
function placeOf(instance: StepInstance, rank: ReadonlyMap<string, number>): readonly number[] {
  const loops = loopsAround(instance).toReversed()
  const around = loops.flatMap(({ node }, depth) => [rank.get(node)!, instance.indices[depth]!])
  return [...around, rank.get(instance.node)!]
}

function compare(a: readonly number[], b: readonly number[]): number {
  const differing = a.findIndex((number, index) => number !== b[index])
  return differing < 0 ? a.length - b.length : a[differing]! - (b[differing] ?? -1)
}

/** The operation of a tool, or an action that needs none. */
function namesOf(work: StepWork): { readonly action: string; readonly tool: string | null } {
  switch (work.type) {
    case 'tool':
      return { action: work.operation ?? work.tool, tool: work.tool }
    case 'ask': {
      const [tool, action] = work.tool.split(':') as [string, string?]
      return { action: action ?? tool, tool }
    }
    case 'text':
      return { action: ACTION_NAMES[work.action], tool: null }
    case 'decide':
      return { action: 'evaluate_condition', tool: null }
    case 'loop':
      return { action: work.shape === 'queue' ? 'create_parallel_queue' : work.shape, tool: null }
    default:
      return { action: work.type, tool: null }
  }
}
