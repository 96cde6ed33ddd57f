import { z } from 'zod'
import { TerminalError } from '../../../../src/errors.ts'
import { defineActor } from '../../../../src/kernel/turn.ts'
import type { Actor } from '../../../../src/kernel/types.ts'

/** Counts, keeps each number as a part and tells it as an event; asked to, it remembers by a timer or fails for good. */
export const ledger: Actor = defineActor({
  kind: 'ledger',
  message: z.object({ add: z.number().optional(), later: z.number().optional(), fail: z.literal(true).optional() }),
  initial: () => ({ total: 0 }),
  receive(state: { total: number }, { add = 0, later, fail }) {
    if (fail) throw new TerminalError('it was asked to')
    const total = state.total + add
    const timers = later === undefined ? {} : { timers: { later: { delay: 1000, body: { add: later } } } }
    return {
      state: { total },
      parts: { [`entry/${total}`]: add },
      events: [{ total }],
      index: { total },
      reply: total,
      ...timers,
    }
  },
})

/** Two effects, the second of which ends when it is let. */
export const walker = (let_: () => Promise<string>): Actor =>
  defineActor({
    kind: 'walker',
    message: z.object({}),
    initial: () => null,
    async receive(_state, _message, effects) {
      const first = await effects.run('first', () => 'first')
      return { reply: [first, await effects.run('second', let_)] }
    },
  })
