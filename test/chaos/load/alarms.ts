import { z } from 'zod'
import { defineActor } from '../../../src/kernel/turn.ts'
import { until } from '../../../src/testing/until.ts'
import { pause, type Strand } from './strand.ts'

const alarmMessage = z.union([
  z.object({ set: z.string(), delay: z.number() }),
  z.object({ cancel: z.literal(true) }),
  z.object({ fired: z.string() }),
])

/** Sets its one timer, replaces or cancels it, keeps what fired; replies with what had fired before. */
const alarm = defineActor<readonly string[], z.infer<typeof alarmMessage>>({
  kind: 'alarm',
  message: alarmMessage,
  initial: () => [],
  receive(fired, message) {
    if ('fired' in message) return { state: [...fired, message.fired], index: { set: 0 } }
    if ('cancel' in message) return { timers: { alarm: null }, reply: fired, index: { set: 0 } }
    const timer = { delay: message.delay, body: { fired: message.set } }
    return { timers: { alarm: timer }, reply: fired, index: { set: 1 } }
  },
})

/** Some are due within the same life, some in the next, some sleep through several. */
const delayOf = (n: number) => (n % 5 === 0 ? 1500 : 0) + ((n * 37) % 300)

type End = { readonly [key: string]: readonly string[] }

/** Timers that kills may fall into: set, replaced or cancelled, each fires once if it is to fire at all. */
export const alarms: Strand = {
  name: 'alarms',
  clients: 3,
  actors: () => [alarm],
  async act(engine, { client, n }) {
    const key = `${client}-${n}`
    const ref = { kind: 'alarm', key }
    await engine.ask(ref, { set: 'first', delay: delayOf(n) }, { id: `${key}-first` })
    if (n % 3 === 0) return []
    await pause(40)
    if (n % 3 === 1) return engine.ask(ref, { cancel: true }, { id: `${key}-cancel` })
    return engine.ask(ref, { set: 'second', delay: delayOf(n + 1) }, { id: `${key}-second` })
  },
  async end(engine) {
    await until(async () => (await engine.view.list('alarm', { where: { set: 1 } })).length === 0)
    const keys = (await engine.view.list('alarm')).map(({ key }) => key)
    const read = async (key: string) => [key, await engine.view.peek({ kind: 'alarm', key })] as const
    return Object.fromEntries(await Promise.all(keys.map(read))) as End
  },
  faults: ({ done, end }) =>
    done.flatMap(({ client, n, result }) => {
      const before = result as readonly string[]
      const expected = [[...before, 'first'], before, [...before, 'second']][n % 3]!
      const fired = (end as End)[`${client}-${n}`]
      return String(fired) === String(expected) ? [] : [`${client}-${n} fired ${fired} where ${expected} is right`]
    }),
}
