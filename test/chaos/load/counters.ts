import { z } from 'zod'
import { defineActor } from '../../../src/kernel/turn.ts'
import { indexOf, pause, type Strand } from './strand.ts'

const KEYS = ['k0', 'k1', 'k2', 'k3']
const counterOf = (client: string) => ({ kind: 'counter', key: KEYS[indexOf(client) % KEYS.length]! })

/** Adds, replies with the sum, and tells it on. */
const counter = defineActor({
  kind: 'counter',
  message: z.object({ add: z.number() }),
  initial: () => ({ total: 0 }),
  receive: ({ total }, { add }, { self }) => ({
    state: { total: total + add },
    reply: total + add,
    send: [{ to: { kind: 'sink', key: self.key }, body: total + add }],
  }),
})

type Sink = { readonly last: number; readonly wrong: readonly number[] }

/** Keeps what did not come right after the number before. */
const sink = defineActor<Sink, number>({
  kind: 'sink',
  message: z.number(),
  initial: () => ({ last: 0, wrong: [] }),
  receive: ({ last, wrong }, n) => ({ state: { last: n, wrong: n === last + 1 ? wrong : [...wrong, n] } }),
})

type Sum = { readonly total: number }
type End = { readonly [key: string]: { readonly sum?: Sum; readonly sink?: Sink } }

/** Sums: each request is counted once, and what is told on comes once and in order. What was seen is never taken back. */
export const counters: Strand = {
  name: 'counters',
  clients: 8,
  actors: () => [counter, sink],
  async act(engine, { client, n }, write) {
    await pause(3)
    const result = await engine.ask(counterOf(client), { add: 1 }, { id: `${client}-${n}` })
    // one reader per key, so that its notes are in the order of its reads
    if (n % 8 === 0 && indexOf(client) < KEYS.length) {
      const { total } = (await engine.view.peek(counterOf(client))) as Sum
      write({ what: 'seen', key: counterOf(client).key, total })
    }
    return result
  },
  async end(engine) {
    const peek = (kind: string, key: string) => engine.view.peek({ kind, key })
    const ends = KEYS.map(async (key) => [key, { sum: await peek('counter', key), sink: await peek('sink', key) }])
    return Object.fromEntries(await Promise.all(ends))
  },
  faults({ done, notes, end }) {
    return KEYS.flatMap((key) => {
      const sums = done.filter(({ client }) => counterOf(client).key === key).map(({ result }) => result as number)
      const { sum: { total } = { total: 0 }, sink = { last: 0, wrong: [] } } = (end as End)[key]!
      return [
        ...faultsOfSums(key, sums),
        ...(total === sums.length ? [] : [`${key} is ${total} after ${sums.length} requests`]),
        ...(sink.last === total ? [] : [`the sink of ${key} was told ${sink.last} of ${total}`]),
        ...sink.wrong.map((n) => `the sink of ${key} was told ${n} out of turn`),
        ...faultsOfReads(
          key,
          notes.filter((note) => note.key === key).map(({ total }) => total as number),
        ),
      ]
    })
  },
}

function faultsOfSums(key: string, sums: readonly number[]): readonly string[] {
  const sorted = sums.toSorted((a, b) => a - b)
  return sorted.flatMap((sum, at) => (sum === at + 1 ? [] : [`reply ${at + 1} of ${key} is ${sum}`])).slice(0, 3)
}

function faultsOfReads(key: string, totals: readonly number[]): readonly string[] {
  return totals.flatMap((total, at) =>
    total < (totals[at - 1] ?? 0) ? [`${key} was seen at ${totals[at - 1]}, later at ${total}`] : [],
  )
}
