import type { Json } from '../../src/kernel/schema.ts'
import { type Advance, advance, readSet } from '../../src/pipeline/graph/advance.ts'
import type { GraphEvent, StepToStart } from '../../src/pipeline/graph/draft.ts'
import { type BatchPolicy, sequenceFrom } from '../../src/pipeline/plan/batching.ts'
import type { CompiledPipeline } from '../../src/pipeline/plan/compiled.ts'
import { instanceId, loopPartName, parseInstance } from '../../src/pipeline/plan/instance.ts'
import { type LoopProgress, NEW_RUN, type RunState } from '../../src/pipeline/plan/run-state.ts'
import type { StepStrategies } from '../../src/pipeline/plan/strategy.ts'
import type { LoopPlan, StepEnd, StepReport } from '../../src/step/messages/step-end.ts'
import type { FailedOutcome } from '../../src/step/record/outcome.ts'
import type { StepProblem } from '../../src/step/record/step.ts'

/** How a step ends in a simulated run, or how often a loop iterates. `iteration`: how often it did before. */
export type Ending = (step: string, iteration?: number) => StepEnding
type StepEnding = {
  readonly status?: 'completed' | 'failed' | 'skipped'
  readonly problem?: FailedOutcome['problem']
  readonly reason?: string
  readonly loop?: LoopPlan
}

/** A run without an engine: whatever is under way ends in the order `pick` says. */
export type Simulation = {
  run: RunState
  readonly parts: Map<string, Json>
  readonly started: string[]
  readonly ended: Set<string>
  readonly events: Json[]
  readonly turns: Advance[]
  peak: number
}

/** `goesOn`: whether a turn that did a step does the next one of its sequence as well. */
export function simulate(
  pipeline: CompiledPipeline,
  end: Ending,
  pick: (length: number) => number,
  goesOn: () => boolean = () => false,
  batches: BatchPolicy = 'fast',
  start: Json = {},
  strategies?: StepStrategies,
): Simulation {
  const parts = new Map<string, Json>()
  const world: Simulation = { run: NEW_RUN, parts, started: [], ended: new Set(), events: [], turns: [], peak: 0 }
  const underWay: GraphEvent[] = [{ type: 'begin', start }]
  while (underWay.length > 0) {
    const [event] = underWay.splice(pick(underWay.length), 1)
    const turn = takeEvent(pipeline, world, event!, batches, strategies)
    for (const start of turn.starts) underWay.push(...endsOf(pipeline, start, end, goesOn))
    underWay.push(...turn.selfMessages)
    world.peak = Math.max(
      world.peak,
      underWay.reduce((sum, event) => sum + countOf(event), 0),
    )
  }
  return world
}

function endsOf(
  pipeline: CompiledPipeline,
  start: StepToStart,
  end: Ending,
  goesOn: () => boolean,
): readonly GraphEvent[] {
  const { id, iteration, problem, members } = start
  if (!members) return [walk(pipeline, problem ? failedOf(id, problem) : reportOf(id, end(id, iteration)), end, goesOn)]
  const ends = [id, ...members].map((one) => endOf(one, end(one)))
  const { true: together = [], false: others = [] } = Object.groupBy(ends, () => `${goesOn()}`)
  const deferred = others.map(({ step }) => ({ step, key: step }))
  return [{ type: 'batch-end', mode: 'parallel', of: id, ends: together, deferred }]
}

/** How many steps are in flight of which that tells the end. */
function countOf(event: GraphEvent): number {
  if (event.type === 'batch-end' && event.mode === 'parallel') return event.ends.length + event.deferred.length
  return event.type.endsWith('-end') ? 1 : 0
}

function walk(pipeline: CompiledPipeline, first: StepReport, end: Ending, goesOn: () => boolean): GraphEvent {
  if (first.status !== 'completed') return first
  const [, ...rest] = sequenceFrom(pipeline, parseInstance(pipeline, first.step)!).map(instanceId)
  const ends: [StepEnd, ...StepEnd[]] = [first]
  for (const id of rest) {
    if (ends.at(-1)!.status !== 'completed' || !goesOn()) break
    ends.push(endOf(id, end(id)))
  }
  return ends.length === 1 ? first : { type: 'batch-end', mode: 'sequence', ends }
}

const membersOf = ({ members = [], ...start }: StepToStart): StepToStart[] => [start, ...members.map((id) => ({ id }))]

function takeEvent(
  pipeline: CompiledPipeline,
  world: Simulation,
  event: GraphEvent,
  batches: BatchPolicy,
  strategies?: StepStrategies,
): Advance {
  const given = Object.fromEntries(readSet(pipeline, world.run, event).map((name) => [name, world.parts.get(name)]))
  if (event.type === 'step-end' && event.status !== 'iterating') world.ended.add(event.step)
  if (event.type === 'batch-end') for (const end of event.ends) world.ended.add(end.step)
  const turn = advance(pipeline, world.run, given, event, 0, batches, strategies)
  world.run = turn.run
  for (const [name, part] of Object.entries(turn.parts)) {
    if (part === null) world.parts.delete(name)
    else world.parts.set(name, part)
  }
  world.started.push(
    ...turn.starts
      .flatMap(membersOf)
      .filter(({ iteration, deferred }) => iteration === undefined && !deferred)
      .map(({ id }) => id),
  )
  world.events.push(...turn.events)
  world.turns.push(turn)
  return turn
}

function reportOf(step: string, { loop, ...ending }: StepEnding): StepReport {
  return loop ? { type: 'step-end', step, status: 'iterating', attempts: 1, ms: 1, plan: loop } : endOf(step, ending)
}

/** The end of a step. */
export function endOf(
  step: string,
  { status = 'completed', problem = UNKNOWN, reason = 'aborted' }: StepEnding,
): StepEnd {
  const about = { type: 'step-end', step, attempts: 1, ms: 1 } as const
  if (status === 'failed') return { ...about, status, problem }
  return status === 'skipped' ? { ...about, status, reason } : { ...about, status, result: { inline: 1 } }
}

const UNKNOWN = { code: 'internal', name: 'TerminalError', message: 'no reason' }

const failedOf = (step: string, { step: _, ...problem }: StepProblem) => endOf(step, { status: 'failed', problem })

/** What has been told of the loops of a run. */
export function loopsOf({ parts }: Simulation): readonly LoopProgress[] {
  const prefix = loopPartName('')
  return [...parts].flatMap(([name, part]) => (name.startsWith(prefix) ? [part as unknown as LoopProgress] : []))
}
