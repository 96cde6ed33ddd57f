import { z } from 'zod'
import type { Engine } from '../../../src/engine/engine.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import { pause, type Strand } from './strand.ts'

/** Each message is an event; replies with its number. */
const log = defineActor<number, string>({
  kind: 'log',
  message: z.string(),
  initial: () => 0,
  receive: (count, text) => ({ state: count + 1, reply: count + 1, events: [text] }),
})

const LOG = { kind: 'log', key: 'shared' }
type Read = { readonly n: number; readonly body: string }

/** Events of one actor from several clients: numbered without gap, and what a reader was shown stays so. */
export const logs: Strand = {
  name: 'logs',
  clients: 3,
  actors: () => [log],
  async act(engine, { client, n }, write) {
    await pause(6)
    const text = `${client}-${n}`
    const number = (await engine.ask(LOG, text, { id: text })) as number
    write({ what: 'read', events: await readEvents(engine, Math.max(0, number - 4), number) })
    return number
  },
  end: async (engine) => readEvents(engine, 0, ((await engine.view.peek(LOG)) as number | undefined) ?? 0),
  faults({ done, notes, end }) {
    const events = end as Read[]
    const expected = new Map(done.map(({ client, n, result }) => [result as number, `${client}-${n}`]))
    const read = notes.flatMap((note) => note.events as Read[])
    return [
      ...(events.length === done.length ? [] : [`${done.length} messages made ${events.length} events`]),
      ...events.filter(({ n }, at) => n !== at + 1).map(({ n }) => `event ${n} has a gap before it`),
      ...events
        .filter(({ n, body }) => expected.get(n) !== body)
        .map(({ n, body }) => `event ${n} is ${body}, replied was that of ${expected.get(n)}`),
      ...read
        .filter(({ n, body }) => events[n - 1]?.body !== body)
        .map(({ n, body }) => `event ${n} was read as ${body}, in the end it is ${events[n - 1]?.body}`),
    ]
  },
}

/** The events after one number, up to another. */
async function readEvents(engine: Engine, after: number, last: number): Promise<Read[]> {
  const read: Read[] = []
  if (after === last) return read
  for await (const { n, body } of engine.view.events(LOG, { after })) {
    read.push({ n, body: body as string })
    if (n >= last) break
  }
  return read
}
