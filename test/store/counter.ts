import { z } from 'zod'
import { defineActor } from '../../src/kernel/turn.ts'

/** Adds, and replies with the sum. */
export const counter = defineActor({
  kind: 'counter',
  message: z.object({ add: z.number() }),
  initial: () => ({ total: 0 }),
  receive: (state, { add }) => ({ state: { total: state.total + add }, reply: state.total + add }),
})
