import { openScripted } from '../http/server.ts'
import { drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import { createIds } from './antiphon.ts'

/** as many as there are runs in run-32 */
const CLIENTS = 32

/** Asks through the six phases, each on a thread of its own, with a model that takes no time; no files, memory or domain. */
export async function measure({ folder, warmUp, seconds }: Task): Promise<Figures> {
  const { runtime } = await openScripted(folder)
  const nextId = createIds()
  const ask = async () => {
    const id = nextId()
    const { answer } = await runtime.threads.ask({ prompt: 'why?', thread: id, id })
    if (answer !== 'the answer') throw new Error(`the answer was ${JSON.stringify(answer)}`)
  }
  await drive(CLIENTS, warmUp * 1000, ask)
  const driven = await drive(CLIENTS, seconds * 1000, ask)
  await runtime.stop()
  return driven
}
