import { z } from 'zod'
import type { Engine } from '../../../src/engine/engine.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import { clientsOf, type Strand } from './strand.ts'

/** Counts its messages, in all that a view can show. */
const gauge = defineActor<number, null>({
  kind: 'gauge',
  message: z.null(),
  initial: () => 0,
  receive: (count) => ({ state: count + 1, index: { count: count + 1 }, events: [null] }),
})

const refOf = (client: string) => ({ kind: 'gauge', key: client })

/** Reads while messages that nobody repeats are under way: what was shown once is still there after a kill. */
export const gauges: Strand = {
  name: 'gauges',
  clients: 3,
  actors: () => [gauge],
  async begin(engine, write) {
    for (const client of clientsOf(gauges)) write({ what: 'seen', client, count: await peek(engine, client) })
  },
  async act(engine, { client, n }, write) {
    const before = await peek(engine, client)
    const told = engine.tell(refOf(client), null)
    // its turn is over then, and its flush has not begun
    await new Promise((resolve) => process.nextTick(resolve))
    write({ what: 'seen', client, count: await READS[n % READS.length]!(engine, client, before) })
    await told
    return null
  },
  end: async (engine) =>
    Object.fromEntries(
      await Promise.all(clientsOf(gauges).map(async (client) => [client, await peek(engine, client)])),
    ),
  faults({ notes, end }) {
    return clientsOf(gauges).flatMap((client) => {
      const counts = notes.filter((note) => note.client === client).map(({ count }) => count as number)
      const last = (end as { [client: string]: number })[client]!
      return [...counts, last].flatMap((count, at) =>
        count < (counts[at - 1] ?? 0) ? [`${client} was seen at ${counts[at - 1]}, later at ${count}`] : [],
      )
    })
  },
}

const peek = async (engine: Engine, client: string) =>
  ((await engine.view.peek(refOf(client))) as number | undefined) ?? 0

async function list(engine: Engine, client: string): Promise<number> {
  const listed = await engine.view.list('gauge')
  return (listed.find(({ key }) => key === client)?.index.count as number | undefined) ?? 0
}

async function follow(engine: Engine, client: string, after: number): Promise<number> {
  for await (const { n } of engine.view.events(refOf(client), { after })) return n
  throw new Error('events end only with their actor')
}

const READS = [peek, list, follow]
