import { type Crew, createCrew } from './crew.ts'
import { type Presence, subjectOf } from './peers/peers.ts'
import type { Row } from './row.ts'
import { type Rounds, type RowSummary, summariseRow } from './summary.ts'

/** How to measure: so many rounds, so many seconds each after so many of warm-up, in folders below `folder`. */
export type Plan = {
  readonly rows: readonly Row[]
  readonly rounds: number
  readonly warmUp: number
  readonly seconds: number
  readonly folder: string
  readonly signal: AbortSignal
  readonly peers: ReadonlyMap<string, Presence>
  /** Called before each measurement. */
  onStart(name: string, round: number): void
  /** Called when a round of a row is complete, with what its rounds so far come to. */
  onRow(row: RowSummary, round: number): void
}

/**
 * The rounds of every measurement the rows need: round by round and row by row, what is compared right after each other. One that
 * fails is not measured again.
 */
export async function measureRows(plan: Plan): Promise<ReadonlyMap<string, Rounds>> {
  const { rows, rounds, signal, peers } = plan
  const measured = new Map<string, Rounds>(
    namesOf(rows).map((name) => [name, roundsBefore(peers.get(subjectOf(name)))]),
  )
  const crew = createCrew({ ...plan, serverOf: (name) => serverOf(peers.get(subjectOf(name))) })
  signal.addEventListener('abort', crew.end)
  try {
    for (let round = 1; round <= rounds; round++) await measureRound(plan, crew, round, measured)
    return measured
  } finally {
    signal.removeEventListener('abort', crew.end)
    await crew.end()
  }
}

async function measureRound(plan: Plan, crew: Crew, round: number, measured: Map<string, Rounds>): Promise<void> {
  const slow = new Set(namesOf(plan.rows.filter((row) => row.slow)))
  const once = new Set(namesOf(plan.rows.filter((row) => row.slow || row.counts)))
  const roundsOf = (name: string) => measured.get(name)!
  const isDone = (name: string) => {
    const rounds = roundsOf(name)
    return 'absent' in rounds || rounds.length >= (once.has(name) ? 1 : round)
  }
  for (const [name, before] of measured) {
    if ('absent' in before || (once.has(name) && round > 1)) continue
    plan.signal.throwIfAborted()
    plan.onStart(name, round)
    const figures = crew.measure(name, slow.has(name) ? LONGEST.slow : LONGEST.usual)
    measured.set(name, await figures.then((each) => [...before, each], toAbsence))
    const complete = plan.rows.filter((row) => namesOf([row]).includes(name) && namesOf([row]).every(isDone))
    for (const row of complete) plan.onRow(summariseRow(row, roundsOf), round)
  }
}

/** ms that a measurement may take; on a busy machine, 32 goals of a slow peer take more than a minute */
const LONGEST = { usual: 150_000, slow: 300_000 }

const toAbsence = ({ message }: Error): Rounds => ({ absent: message })

const serverOf = (presence: Presence | undefined) => (presence?.absent === undefined ? presence : undefined)

const roundsBefore = (presence: Presence | undefined): Rounds =>
  presence?.absent === undefined ? [] : { absent: presence.absent }

/** The measurements of these rows: what is compared with comes first, then our own figure, then the other rivals. */
function namesOf(rows: readonly Row[]): readonly string[] {
  const names = rows.flatMap(({ ours, against }) => {
    const [first = [], ...rest] = against.map(({ measurement }) => [measurement])
    return [...first, ours, ...rest.flat()]
  })
  return [...new Set(names)]
}
