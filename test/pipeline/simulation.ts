import type { Json } from '../../src/kernel/schema.ts'
import { type Advance, advance, readSet } from '../../src/pipeline/graph/advance.ts'
import type { GraphEvent, StepToStart } from '../../src/pipeline/graph/draft.ts'
import { segmentFrom } from '../../src/pipeline/plan/batching.ts'
import type { CompiledPipeline } from '../../src/pipeline/plan/compiled.ts'
import { instanceId, loopPartName, parseInstance } from '../../src/pipeline/plan/instance.ts'
import type { StepEnd } from '../../src/pipeline/plan/messages/step-end.ts'
import { type LoopProgress, NEW_RUN, type RunState } from '../../src/pipeline/plan/run-state.ts'
import type { StepProblem } from '../../src/pipeline/plan/step-outcome.ts'

/** How a step ends in a simulated run; a loop that was asked `turn` times before may tell how often it turns. */
export type Ending = (step: string, turn?: number) => Partial<StepEnd>

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

/** `goesOn`: whether a turn that did a step does the next one of its segment as well. */
export function simulate(
  pipeline: CompiledPipeline,
  end: Ending,
  pick: (length: number) => number,
  goesOn: () => boolean = () => false,
): Simulation {
  const parts = new Map<string, Json>()
  const world: Simulation = { run: NEW_RUN, parts, started: [], ended: new Set(), events: [], turns: [], peak: 0 }
  const underWay: GraphEvent[] = [{ type: 'begin', start: {} }]
  while (underWay.length > 0) {
    const [event] = underWay.splice(pick(underWay.length), 1)
    const turn = takeEvent(pipeline, world, event!)
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
  const { id, turn, problem, beside } = start
  if (!beside) return [walk(pipeline, problem ? failedOf(id, problem) : endOf(id, end(id, turn)), end, goesOn)]
  const ends = [id, ...beside].map((one) => endOf(one, end(one)))
  const { true: together = [], false: others = [] } = Object.groupBy(ends, () => `${goesOn()}`)
  const apart = others.map(({ step }) => ({ step, key: step }))
  return [{ type: 'group-end', of: id, ends: together, apart }]
}

/** How many steps are in flight of which that tells the end. */
function countOf(event: GraphEvent): number {
  if (event.type === 'group-end') return event.ends.length + event.apart.length
  return event.type.endsWith('-end') ? 1 : 0
}

function walk(pipeline: CompiledPipeline, first: StepEnd, end: Ending, goesOn: () => boolean): GraphEvent {
  const [, ...rest] = segmentFrom(pipeline, parseInstance(pipeline, first.step)!).map(instanceId)
  const ends: [StepEnd, ...StepEnd[]] = [first]
  for (const id of rest) {
    if (ends.at(-1)!.status !== 'completed' || !goesOn()) break
    ends.push(endOf(id, end(id)))
  }
  return ends.length === 1 ? first : { type: 'segment-end', ends }
}

const membersOf = ({ beside = [], ...start }: StepToStart): StepToStart[] => [start, ...beside.map((id) => ({ id }))]

function takeEvent(pipeline: CompiledPipeline, world: Simulation, event: GraphEvent): Advance {
  const given = Object.fromEntries(readSet(pipeline, world.run, event).map((name) => [name, world.parts.get(name)]))
  if (event.type === 'step-end' && !event.loop) world.ended.add(event.step)
  if (event.type === 'segment-end' || event.type === 'group-end')
    for (const end of event.ends) world.ended.add(end.step)
  const turn = advance(pipeline, world.run, given, event, 0)
  world.run = turn.run
  for (const [name, part] of Object.entries(turn.parts)) {
    if (part === null) world.parts.delete(name)
    else world.parts.set(name, part)
  }
  world.started.push(
    ...turn.starts
      .flatMap(membersOf)
      .filter(({ turn: asked, apart }) => asked === undefined && !apart)
      .map(({ id }) => id),
  )
  world.events.push(...turn.events)
  world.turns.push(turn)
  return turn
}

function endOf(step: string, ending: Partial<StepEnd>): StepEnd {
  return { type: 'step-end', step, status: 'completed', attempts: 1, ms: 1, ...ending }
}

const failedOf = (step: string, { step: _, ...problem }: StepProblem) => endOf(step, { status: 'failed', problem })

/** What has been told of the loops of a run. */
export function loopsOf({ parts }: Simulation): readonly LoopProgress[] {
  const prefix = loopPartName('')
  return [...parts].flatMap(([name, part]) => (name.startsWith(prefix) ? [part as unknown as LoopProgress] : []))
}
