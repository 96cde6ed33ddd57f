import { namesOfCall } from '../../tool/mcp/names-of-call.ts'
import { codeMissing } from '../../work/code-wait.ts'
import { NEEDS_HANDS } from '../../worker/work-pool.ts'
import { mayAsk } from '../approval/may-ask.ts'
import type { StepServices } from '../call/context.ts'
import type { StepStart } from '../messages/step-start.ts'
import type { StepParameters } from '../record/outcome.ts'
import { createMovedCalls, type MovedCalls } from './moved-calls.ts'
import type { OpenWork, StepFacts, Work } from './work.ts'

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

/** The services of turns that run steps: those of steps, what orders mean, estimates, and attempts that go on. */
export type StepTurns = {
  readonly services: StepServices
  /** by the types of work in orders */
  readonly works: { readonly [type: string]: Work }
  readonly latency: LatencyEstimates
  readonly moved: MovedCalls
}

export function openStepTurns<Services extends StepServices>(
  given: Services,
  worksWith: (services: Services) => StepTurns['works'],
): StepTurns {
  const latency = createLatencyEstimates()
  const neverFast = (kind: string) => latency.record(kind, Number.POSITIVE_INFINITY)
  const services = { ...given, neverFast }
  return { services, works: worksWith(services), latency, moved: createMovedCalls() }
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

/** Whether the step may be inlined: its work is known to be fast, and nothing else of its run is in flight. */
export async function isInlinable(turns: StepTurns, start: StepStart): Promise<boolean> {
  if (!start.batch.exclusive || start.policy.hasAutoTags) return false
  const facts = await factsOrNone(turns, start)
  return facts !== undefined && !facts.isRecovered && turns.latency.isFast(facts.kind) && !mayAsk(facts, start.run)
}

/** A step whose work cannot be opened reports that itself. */
async function factsOrNone(turns: StepTurns, start: StepStart): Promise<StepFacts | undefined> {
  try {
    return await openWork(turns, start).factsOf(start)
  } catch {
    return undefined
  }
}

/** The work of the steps that a turn does. The turn waits if this process does not know its type. */
export const openWork = (turns: StepTurns, first: StepStart): OpenWork => workOf(turns, first).open(first)

/** The meaning of a step's order. */
export function workOf({ works }: StepTurns, { work: { type } }: Pick<StepStart, 'work'>): Work {
  const work = works[type]
  if (!work) throw codeMissing(`This process does not know the work ${type} of steps.`)
  return work
}

/** Records how long work took, unless it may wait for a resource. */
export function recordTime(latency: LatencyEstimates, facts: StepFacts, ms: number): void {
  if (!facts.isLimited()) latency.record(facts.kind, ms)
}

export const limitsCalls = (pool: StepServices['pool'], tool: string, parameters: StepParameters): boolean =>
  pool.handsFor(() => namesOfCall(tool, parameters)) !== NEEDS_HANDS
