import { drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import { type Doer, LOADS, type PoolLoad } from './loads.ts'

/** Makes somebody ready for a load. */
export type OpenDoer = (load: PoolLoad) => Promise<Doer> | Doer

/** Tasks per second of whoever is named in the task, and ms in which 99 of 100 were done. */
export async function measureDoer(open: OpenDoer, { name, warmUp, seconds }: Task): Promise<Figures> {
  const load = LOADS[name.slice(name.indexOf('/') + 1)]!
  const { submit, close } = await open(load)
  const { burst = 1, clients } = load
  const operate = burst === 1 ? async () => void (await submit()) : () => submitAll(submit, burst)
  await drive(clients, warmUp * 1000, operate)
  const { perSecond, p99 } = await drive(clients, seconds * 1000, operate)
  await close()
  return { perSecond: perSecond * burst, ...(burst === 1 && { p99 }) }
}

async function submitAll(submit: Doer['submit'], count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, submit))
}
