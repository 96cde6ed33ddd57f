import { allActors } from '../../engine/liveness.ts'
import type { ServedRuntime } from '../../runtime/ports.ts'
import type { SimulatedClock } from '../clock.ts'
import { until } from '../until.ts'

type Looked = Pick<ServedRuntime, 'engine'>

/** Resolves when no actor works, or has mail that is due: all that is left waits for time, or for a person. */
export async function atRest({ engine }: Looked, clock: SimulatedClock): Promise<void> {
  let quiet = 0
  await until(async () => {
    quiet = (await isAtWork({ engine }, clock.now())) ? 0 : quiet + 1
    return quiet === QUIET
  })
}

/** A message may be on its way between two actors, so one look is not enough. */
const QUIET = 2

async function isAtWork({ engine }: Looked, now: number): Promise<boolean> {
  for await (const { turn, mail } of allActors(engine.view)) {
    // an effect that waits for its next attempt does nothing
    if (turn && turn.effect?.until === undefined) return true
    if (mail.some(({ due = 0, held }) => due <= now && !held)) return true
  }
  return false
}

/** When the next timer or the next attempt of an actor is due; undefined: nothing waits for time. */
export async function nextTimer({ engine }: Looked): Promise<number | undefined> {
  const times: number[] = []
  for await (const { turn, mail } of allActors(engine.view))
    for (const time of [turn?.effect?.until, ...mail.map(({ due }) => due)]) if (time !== undefined) times.push(time)
  return times.length === 0 ? undefined : Math.min(...times)
}
