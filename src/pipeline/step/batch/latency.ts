import { namesOfCall } from '../../../tool/mcp/names-of-call.ts'
import { NEEDS_HANDS } from '../../../worker/work-pool.ts'
import { compiledStepAt, type StepWork } from '../../plan/compiled.ts'
import { parseInstance } from '../../plan/instance.ts'
import type { PipelineStepStart } from '../../plan/messages/step-order.ts'
import { openPipeline } from '../../plan/open-pipeline.ts'
import { mayAsk } from '../approval/called-tool.ts'
import type { PipelineServices } from '../context.ts'
import { createMovedCalls, type MovedCalls } from './moved-calls.ts'

/** How long each kind of work took in this process recently. */
export type LatencyEstimates = {
  record(kind: string, ms: number): void
  /** Whether work of this kind was done here recently, and was fast. */
  isFast(kind: string): boolean
}

/** Work up to this latency counts as fast. */
const MAX_FAST_MS = 20
/** One slow call is forgotten after about a dozen fast ones. */
const ESTIMATE_DECAY = 0.9
/** How many estimates are held: a program makes up names of its steps. The oldest one goes first. */
const MAX_ESTIMATES = 10_000

/** The services of turns that run steps: those of the pipeline, latency estimates, and attempts that go on. */
export type StepTurns = {
  readonly services: PipelineServices
  readonly latency: LatencyEstimates
  readonly moved: MovedCalls
}

/** Opens the services of turns that run steps. */
export function openStepTurns(services: PipelineServices): StepTurns {
  const latency = createLatencyEstimates()
  const neverFast = (kind: string) => latency.record(kind, Number.POSITIVE_INFINITY)
  return { services: { ...services, neverFast }, latency, moved: createMovedCalls() }
}

/** Keeps one estimate per kind of work. */
export function createLatencyEstimates(): LatencyEstimates {
  const latency = new Map<string, number>()
  return {
    record(kind, ms) {
      const estimate = Math.max(ms, (latency.get(kind) ?? 0) * ESTIMATE_DECAY)
      latency.delete(kind)
      latency.set(kind, estimate)
      if (latency.size > MAX_ESTIMATES) latency.delete(latency.keys().next().value!)
    },
    isFast: (kind) => (latency.get(kind) ?? Number.POSITIVE_INFINITY) <= MAX_FAST_MS,
  }
}

/**
 * Whether a resource limits the calls of this work's tool. Such work is never fast: it would delay what shares its
 * turn.
 */
function isLimited({ pool, toolbox }: Pick<PipelineServices, 'pool' | 'toolbox'>, work: StepWork): boolean {
  if (work.type !== 'tool') return false
  const names = () => namesOfCall(toolbox.find(work.tool, work.operation)?.name ?? work.tool, work.parameters)
  return pool.handsFor(names) !== NEEDS_HANDS
}

/** The kind of work: a tool with its operation, or an action. */
export function kindOf(work: StepWork): string {
  if (work.type === 'code') return `:code:${work.name ?? work.action}`
  if (work.type !== 'tool') return `:${work.type === 'text' ? work.action : work.type}`
  return work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`
}

/**
 * Whether the step may be inlined into its caller's invocation: its
 * work is known to be fast, and nothing else of its run is in flight.
 */
export async function isInlinable({ services, latency }: StepTurns, start: PipelineStepStart): Promise<boolean> {
  if (!start.batch.exclusive || start.policy.hasAutoTags) return false
  const pipeline = await openPipeline(services.values, start.work.order.pipeline)
  const instance = parseInstance(pipeline, start.step)
  if (!instance) return false
  const { work, recovery } = compiledStepAt(pipeline, instance.node)
  return !recovery?.recoveries && latency.isFast(kindOf(work)) && !mayAsk(work, start.run, services)
}

/** The estimates, and what limits work. */
export type WorkTimes = Pick<StepTurns, 'latency'> & { readonly services: Pick<PipelineServices, 'pool' | 'toolbox'> }

/** Records how long work took, unless it may wait for a resource. */
export function recordTime({ services, latency }: WorkTimes, work: StepWork, ms: number): void {
  if (!isLimited(services, work)) latency.record(kindOf(work), ms)
}
