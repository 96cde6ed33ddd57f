import { AGAIN, drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import { type GoalLoad, ROUNDS } from './loads.ts'

/** Makes an agent ready. It works on goals with a scripted model and one pure tool, which adds one. */
export type OpenGoals = (rounds: number, task: Task) => Promise<WorkOn>

/** Works on one goal under an id of its own. Resolves with the last value of the tool, once the answer is durable. */
export type WorkOn = (id: string) => Promise<number>

/** Opens an agent and puts the load on it. The function that it returns measures durable rounds. */
export async function openGoals(open: OpenGoals, { goals }: GoalLoad, task: Task): Promise<() => Promise<Figures>> {
  const workOn = await open(ROUNDS, task)
  let started = 0
  const operate = async () => {
    const value = await workOn(`${task.id}-${started++}`)
    if (value !== ROUNDS) throw new Error(`the tool was called ${value} times instead of ${ROUNDS}`)
  }
  const put = (seconds: number) => drive(goals, seconds * 1000, operate)
  await put(task.warmUp)
  return async () => {
    await put(AGAIN * task.seconds)
    const { perSecond, p50, p99 } = await put(task.seconds)
    return { perSecond: perSecond * ROUNDS, p50: p50 / ROUNDS, p99: p99 / ROUNDS }
  }
}
