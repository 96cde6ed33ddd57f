import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { defineActor } from '../../../src/kernel/turn.ts'
import { pause, type Strand, type Write } from './strand.ts'

/** Works until it is called off: effect after effect, each in a turn of its own. */
const jobOf = (write: Write) =>
  defineActor({
    kind: 'job',
    message: z.literal('work'),
    initial: () => null,
    async receive(_state, _message, effects) {
      await effects.run('work', async ({ signal }) => {
        write({ what: 'work', job: effects.self.key })
        await setTimeout(Math.random() * 10, undefined, { signal })
      })
      return { state: null, index: { working: 1 }, send: [{ to: effects.self, body: 'work' }] }
    },
  })

/** Work that is called off: once that is acknowledged, no effect of it begins any more, in this life or a later one. */
export const jobs: Strand = {
  name: 'jobs',
  clients: 2,
  actors: (write) => [jobOf(write)],
  async act(engine, { client, n }, write) {
    const id = `${client}-${n}`
    const job = { kind: 'job', key: id }
    await engine.tell(job, 'work', { id })
    await pause(15)
    await engine.cancel(job, id, 'enough')
    write({ what: 'cancelled', job: id })
    return null
  },
  end: async (engine) => (await engine.view.list('job')).map(({ key }) => key),
  faults({ notes, end }) {
    const cancelled = new Set<string>()
    const late = notes.flatMap(({ what, job }) => {
      if (what === 'cancelled') cancelled.add(job as string)
      return what === 'work' && cancelled.has(job as string) ? [`${job} worked after it was called off`] : []
    })
    return [...late, ...(end as string[]).map((job) => `${job} is still there`)]
  },
}
