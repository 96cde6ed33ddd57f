import type { Json } from '../../src/kernel/schema.ts'
import { type Advance, advance, partsFor, type RunEvent } from '../../src/pipeline/advance.ts'
import type { CompiledPipeline } from '../../src/pipeline/compiled.ts'
import type { StepEnd } from '../../src/pipeline/messages.ts'
import { NEW_RUN, type RunState } from '../../src/pipeline/state.ts'

/** How a step ends in a simulated run; a loop's first end tells how long its list is. */
export type Ending = (step: string, collect: boolean) => Partial<StepEnd>

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

export function simulate(pipeline: CompiledPipeline, end: Ending, pick: (length: number) => number): Simulation {
  const parts = new Map<string, Json>()
  const world: Simulation = { run: NEW_RUN, parts, started: [], ended: new Set(), events: [], turns: [], peak: 0 }
  const underWay: RunEvent[] = [{ type: 'begin' }]
  while (underWay.length > 0) {
    const [event] = underWay.splice(pick(underWay.length), 1)
    const turn = takeEvent(pipeline, world, event!)
    for (const { id, collect = false } of turn.start) underWay.push(endOf(id, collect, end(id, collect)))
    underWay.push(...turn.again)
    world.peak = Math.max(world.peak, underWay.filter(({ type }) => type === 'step-end').length)
  }
  return world
}

function takeEvent(pipeline: CompiledPipeline, world: Simulation, event: RunEvent): Advance {
  const given = Object.fromEntries(partsFor(pipeline, world.run, event).map((name) => [name, world.parts.get(name)]))
  if (event.type === 'step-end' && !event.loop) world.ended.add(event.step)
  const turn = advance(pipeline, world.run, given, event)
  world.run = turn.run
  for (const [name, part] of Object.entries(turn.parts)) {
    if (part === null) world.parts.delete(name)
    else world.parts.set(name, part)
  }
  world.started.push(...turn.start.filter(({ collect }) => !collect).map(({ id }) => id))
  world.events.push(...turn.events)
  world.turns.push(turn)
  return turn
}

function endOf(step: string, collect: boolean, ending: Partial<StepEnd>): StepEnd {
  const { loop, ...rest } = ending
  return { type: 'step-end', step, status: 'completed', attempts: 1, ms: 1, ...rest, ...(loop && !collect && { loop }) }
}
