import { openScripted } from '../http/server.ts'
import { drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import { STEPS } from './actors.ts'
import { createIds } from './antiphon.ts'
import { writePipeline } from './pipeline.ts'

/** as many as there are in run-32 */
const CLIENTS = 32

/**
 * Asks through the six phases, each on a thread of its own, with a model that takes no time; no files, memory or domain.
 * `runs`: runs of ten steps in the same process, started from a file as a program does.
 */
export async function measure({ folder, warmUp, seconds }: Task): Promise<Figures> {
  const { runtime } = await openScripted(folder)
  const file = await writePipeline(folder, STEPS.run)
  const nextId = createIds()
  const ask = async () => {
    const id = nextId()
    const { answer } = await runtime.threads.ask({ prompt: 'why?', thread: id, id, memory: false })
    if (answer !== 'the answer') throw new Error(`the answer was ${JSON.stringify(answer)}`)
  }
  const run = async () => {
    const { id } = await runtime.runs.start({ file })
    for await (const { body } of runtime.runs.events(id)) if (isEnd(body)) return
  }
  await drive(CLIENTS, (warmUp / 2) * 1000, run)
  const { perSecond: runs } = await drive(CLIENTS, seconds * 1000, run)
  await drive(CLIENTS, (warmUp / 2) * 1000, ask)
  const driven = await drive(CLIENTS, seconds * 1000, ask)
  await runtime.stop()
  return { ...driven, runs }
}

const isEnd = (body: unknown) => (body as { readonly type: string }).type === 'run-end'
