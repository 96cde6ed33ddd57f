import { namesOfCall } from '../../../tool/mcp/names-of-call.ts'
import { NEEDS_HANDS } from '../../../worker/work-pool.ts'
import { compiledStepAt, type StepWork } from '../../plan/compiled.ts'
import { parseInstance } from '../../plan/instance.ts'
import type { StepStart } from '../../plan/messages/step-start.ts'
import { openPipeline } from '../../plan/open-pipeline.ts'
import { mayAsk } from '../approval/called-tool.ts'
import type { PipelineServices } from '../context.ts'
import { createMovedCalls, type MovedCalls } from './moved-calls.ts'

/** How long each kind of work took in this process recently. */
export type LatencyEstimates = {
  record(work: StepWork, ms: number): void
  /** Whether this work was done here recently, and was fast. */
  isFast(work: StepWork): boolean
}

/** Work up to this latency counts as fast. */
const MAX_FAST_MS = 20
/** One slow call is forgotten after about a dozen fast ones. */
const ESTIMATE_DECAY = 0.9
/** How many estimates are held: a program makes up names of its steps. The oldest one goes first. */
const MAX_ESTIMATES = 10_000

/** The services of turns that run steps: those of the pipeline, latency estimates, and attempts that go on. */
export type StepServices = {
  readonly services: PipelineServices
  readonly latency: LatencyEstimates
  readonly moved: MovedCalls
}

/** Opens the services of turns that run steps. */
export function openStepServices(services: PipelineServices): StepServices {
  const latency = createLatencyEstimates((work) => isLimited(services, work))
  const neverFast = (work: StepWork) => latency.record(work, Number.POSITIVE_INFINITY)
  return { services: { ...services, neverFast }, latency, moved: createMovedCalls() }
}

/**
 * Keeps one estimate per tool, operation and action. Work that `mayWait`
 * for a resource is never fast: it would delay what shares its turn.
 */
export function createLatencyEstimates(mayWait: (work: StepWork) => boolean = () => false): LatencyEstimates {
  const latency = new Map<string, number>()
  return {
    record(work, ms) {
      if (mayWait(work)) return
      const name = kindOf(work)
      const estimate = Math.max(ms, (latency.get(name) ?? 0) * ESTIMATE_DECAY)
      latency.delete(name)
      latency.set(name, estimate)
      if (latency.size > MAX_ESTIMATES) latency.delete(latency.keys().next().value!)
    },
    isFast: (work) => (latency.get(kindOf(work)) ?? Number.POSITIVE_INFINITY) <= MAX_FAST_MS,
  }
}

/** Whether a resource limits the calls of this work's tool. */
export function isLimited({ pool, toolbox }: Pick<PipelineServices, 'pool' | 'toolbox'>, work: StepWork): boolean {
  if (work.type !== 'tool') return false
  const names = () => namesOfCall(toolbox.find(work.tool, work.operation)?.name ?? work.tool, work.parameters)
  return pool.handsFor(names) !== NEEDS_HANDS
}

function kindOf(work: StepWork): string {
  if (work.type === 'code') return `:code:${work.name ?? work.action}`
  if (work.type !== 'tool') return `:${work.type === 'text' ? work.action : work.type}`
  return work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`
}

/**
 * Whether the step may be inlined into its caller's invocation: its
 * work is known to be fast, and nothing else of its run is in flight.
 */
export async function isInlinable({ services, latency }: StepServices, start: StepStart): Promise<boolean> {
  if (!start.batch.exclusive || start.policy.hasAutoTags) return false
  const pipeline = await openPipeline(services.values, start.pipeline)
  const instance = parseInstance(pipeline, start.step)
  if (!instance) return false
  const { work, recovery } = compiledStepAt(pipeline, instance.node)
  return !recovery?.recoveries && latency.isFast(work) && !mayAsk(work, start.run, services)
}
