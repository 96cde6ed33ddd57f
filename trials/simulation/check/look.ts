import type { EngineView, NumberedEvent } from '../../../src/engine/engine.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { ActorRef } from '../../../src/kernel/types.ts'
import type { WitnessedState } from './decision.ts'

/** An observation of an actor by a client. What it shows must be permanent. */
export type Observation = { readonly state: WitnessedState | undefined; readonly events: readonly NumberedEvent[] }

/** Reads the state and all events; `pause` lasts until no more events can come by themselves. */
export async function observeActor(view: EngineView, at: ActorRef, pause: () => Promise<void>): Promise<Observation> {
  const state = (await view.peek(at)) as WitnessedState | undefined
  const leave = new AbortController()
  const events: NumberedEvent[] = []
  const collecting = (async () => {
    for await (const event of view.events(at, { signal: leave.signal })) events.push(event)
  })()
  await pause()
  leave.abort()
  await collecting
  const later = (await view.peek(at)) as WitnessedState | undefined
  // an actor that ended meanwhile may exist again, with other events
  return { state, events: later?.taken[0] === state?.taken[0] ? events : [] }
}

/** All parts of an actor. */
export async function readParts(view: EngineView, of: ActorRef): Promise<ReadonlyMap<string, Json>> {
  const parts = new Map<string, Json>()
  for await (const [name, part] of view.parts(of)) parts.set(name, part)
  return parts
}
