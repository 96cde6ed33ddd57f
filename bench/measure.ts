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

/**
 * The rounds of every measurement the rows need: round by round and row by row, what is compared right after each other. One that
 * fails is not measured again.
 */
export async function measureRows(plan: Plan): Promise<ReadonlyMap<string, Rounds>> {
  const names = [...new Set(plan.rows.flatMap(measurementsOf))]
  const measured = new Map<string, Rounds>()
  for (let round = 1; round <= plan.rounds; round++) {
    for (const name of names) {
      const before = measured.get(name) ?? []
      if ('absent' in before) continue
      plan.onStart(name, round)
      measured.set(name, await measureOnce(name, before, plan))
    }
  }
  return measured
}

async function measureOnce(name: string, before: readonly Figures[], plan: Plan): Promise<Rounds> {
  try {
    return [...before, await measure(name, plan)]
  } catch (error) {
    plan.signal.throwIfAborted()
    return { absent: reasonOf(error as ChildError) }
  }
}

type ChildError = Error & { readonly killed?: boolean; readonly stderr?: string }

/** The error a child died of; its line is the one that names an error. */
function reasonOf({ killed, stderr = '', message }: ChildError): string {
  if (killed) return `it took longer than ${LONGEST / 1000} s`
  return stderr.split('\n').find((line) => /^\w*Error\b/.test(line)) ?? message
}

/** The ceiling comes first, then our own figure, then the others. */
function measurementsOf({ ours, against }: Row): readonly string[] {
  const [first = [], ...rest] = against.map(({ measurement }) => [measurement])
  return [...first, ours, ...rest.flat()]
}

const CHILD = join(import.meta.dirname, 'child.ts')
/** ms that a measurement may take, start to end */
const LONGEST = 20_000

async function measure(name: string, { folder: parent, seconds, signal }: Plan): Promise<Figures> {
  const folder = await mkdtemp(join(parent, 'measurement-'))
  try {
    const task: Task = { name, folder, seconds, id: randomUUID() }
    const given = ['--expose-gc', CHILD, JSON.stringify(task)]
    const env = { ...process.env, NODE_COMPILE_CACHE: join(parent, 'compiled') }
    const limits = { signal, timeout: LONGEST, killSignal: 'SIGKILL' } as const
    const { stdout } = await promisify(execFile)(process.execPath, given, { env, ...limits })
    return JSON.parse(stdout)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
