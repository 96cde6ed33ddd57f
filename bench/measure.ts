import { type Crew, createCrew } from './crew.ts'
import { type Presence, subjectOf } from './peers/peers.ts'
import type { Row } from './row.ts'
import type { Rounds } from './summary.ts'
import type { Figures } from './task.ts'

/** How to measure: so many rounds, so many seconds each, in folders below `folder`. */
export type Plan = {
  readonly rows: readonly Row[]
  readonly rounds: number
  readonly seconds: number
  readonly folder: string
  readonly signal: AbortSignal
  readonly peers: ReadonlyMap<string, Presence>
  /** Called before each measurement. */
  onStart(name: string, round: number): void
}

/**
 * The rounds of every measurement the rows need: round by round and row by row, what is compared right after each other. One that
 * fails is not measured again.
 */
export async function measureRows(plan: Plan): Promise<ReadonlyMap<string, Rounds>> {
  const presenceOf = (name: string) => plan.peers.get(subjectOf(name))
  const crew = createCrew({ ...plan, addressOf: (name) => addressOf(presenceOf(name)) })
  const names = [...new Set(plan.rows.flatMap(measurementsOf))]
  const measured = new Map<string, Rounds>(names.map((name) => [name, roundsBefore(presenceOf(name))]))
  plan.signal.addEventListener('abort', crew.end)
  try {
    for (let round = 1; round <= plan.rounds; round++) {
      for (const name of names) {
        const before = measured.get(name)!
        if ('absent' in before) continue
        plan.onStart(name, round)
        measured.set(name, await measureOnce(crew, name, before))
        plan.signal.throwIfAborted()
      }
    }
    return measured
  } finally {
    plan.signal.removeEventListener('abort', crew.end)
    await crew.end()
  }
}

const addressOf = (presence: Presence | undefined) => (presence?.absent === undefined ? presence?.address : undefined)

const roundsBefore = (presence: Presence | undefined): Rounds =>
  presence?.absent === undefined ? [] : { absent: presence.absent }

/** What is compared with comes first, then our own figure, then the other rivals. */
function measurementsOf({ ours, against }: Row): readonly string[] {
  const [first = [], ...rest] = against.map(({ measurement }) => [measurement])
  return [...first, ours, ...rest.flat()]
}

async function measureOnce(crew: Crew, name: string, before: readonly Figures[]): Promise<Rounds> {
  try {
    return [...before, await crew.measure(name)]
  } catch (error) {
    return { absent: (error as Error).message }
  }
}
