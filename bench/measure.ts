import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Row } from './row.ts'
import type { Rounds } from './summary.ts'
import type { Figures, Task } from './task.ts'

/** How to measure: so many rounds, so many seconds each, in folders below `folder`. */
export type Plan = {
  readonly rows: readonly Row[]
  readonly rounds: number
  readonly seconds: number
  readonly folder: string
  readonly signal: AbortSignal
  /** Called before each measurement. */
  onStart(name: string, round: number): void
}

/** The rounds of every measurement the rows need: round by round and row by row, what is compared right after each other. */
export async function measureRows(plan: Plan): Promise<ReadonlyMap<string, Rounds>> {
  const names = [...new Set(plan.rows.flatMap(measurementsOf))]
  const measured = new Map(names.map((name): [string, Figures[]] => [name, []]))
  for (let round = 1; round <= plan.rounds; round++) {
    for (const name of names) {
      plan.onStart(name, round)
      measured.get(name)!.push(await measure(name, plan))
    }
  }
  return measured
}

/** The ceiling comes first, then our own figure, then the others. */
function measurementsOf({ ours, against }: Row): readonly string[] {
  const [first = [], ...rest] = against.map(({ measurement }) => [measurement])
  return [...first, ours, ...rest.flat()]
}

const CHILD = join(import.meta.dirname, 'child.ts')

async function measure(name: string, { folder: parent, seconds, signal }: Plan): Promise<Figures> {
  const folder = await mkdtemp(join(parent, 'measurement-'))
  try {
    const task: Task = { name, folder, seconds, id: randomUUID() }
    const given = [CHILD, JSON.stringify(task)]
    const { stdout } = await promisify(execFile)(process.execPath, given, { signal, timeout: 60_000 })
    return JSON.parse(stdout)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
