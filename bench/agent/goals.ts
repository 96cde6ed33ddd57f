import { readWrites } from '../count/writes.ts'
import { AGAIN, type Driven, drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import { type GoalLoad, ROUNDS } from './loads.ts'

/** Makes an agent ready. It works on goals with a scripted model and one pure tool, which adds one. */
export type OpenGoals = (rounds: number, task: Task) => Promise<WorkOn>

/** How long writes are counted, as a multiple of the time of a rate: single checkpoints of a database count less. */
const COUNTING = 4

/** Works on one goal under an id of its own. Resolves with the last value of the tool, once the answer is durable. */
type WorkOn = (id: string) => Promise<number>

/** Opens an agent and puts the load on it. The function that it returns measures durable rounds, or what they write. */
export async function openGoals(open: OpenGoals, { goals }: GoalLoad, task: Task): Promise<() => Promise<Figures>> {
  const workOn = await open(ROUNDS, task)
  let started = 0
  const operate = async () => {
    const value = await workOn(`${task.id}-${started++}`)
    if (value !== ROUNDS) throw new Error(`the tool was called ${value} times instead of ${ROUNDS}`)
  }
  const put = (seconds: number) => drive(goals, seconds * 1000, operate)
  await put(task.warmUp)
  const { traces } = task
  if (traces) return () => countRounds(traces, () => put(COUNTING * task.seconds))
  return async () => {
    await put(AGAIN * task.seconds)
    const { perSecond, p50, p99 } = await put(task.seconds)
    return { perSecond: perSecond * ROUNDS, p50: p50 / ROUNDS, p99: p99 / ROUNDS }
  }
}

/** What a round writes, with its share of the start and of the answer of its goal. */
async function countRounds(traces: readonly string[], put: () => Promise<Driven>): Promise<Figures> {
  const before = await readWrites(traces)
  const { count } = await put()
  const after = await readWrites(traces)
  const rounds = count * ROUNDS
  return { syncs: (after.syncs - before.syncs) / rounds, kilobytes: (after.bytes - before.bytes) / rounds / 1000 }
}
