import { openScripted } from '../http/server.ts'
import { type Driven, drive } from '../load.ts'
import type { Figures, Task } from '../task.ts'
import { STEPS } from './actors.ts'
import { createIds } from './antiphon.ts'
import { writePipeline } from './pipeline.ts'

/** as many as there are in run-32 */
const CLIENTS = 32
const SLICES = 5

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
  const loads = { runs: run, asks: ask }
  for (const load of Object.values(loads)) await drive(CLIENTS, (warmUp / 2) * 1000, load)
  const driven = { runs: [] as Driven[], asks: [] as Driven[] }
  // both in turn, so that other work on the machine slows both
  for (let slice = 0; slice < SLICES; slice++)
    for (const name of ['runs', 'asks'] as const)
      driven[name].push(await drive(CLIENTS, (seconds / SLICES) * 1000, loads[name]))
  await runtime.stop()
  const perSecond = (of: readonly Driven[]) => of.reduce((sum, each) => sum + each.perSecond, 0) / of.length
  return { perSecond: perSecond(driven.asks), runs: perSecond(driven.runs) }
}

const isEnd = (body: unknown) => (body as { readonly type: string }).type === 'run-end'
