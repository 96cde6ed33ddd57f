import { z } from 'zod'
import { TerminalError } from '../../../../src/errors.ts'
import { defineActor } from '../../../../src/kernel/turn.ts'

/** Each message to it becomes a dead letter. */
export const faulty = defineActor({
  kind: 'faulty',
  message: z.object({}),
  initial: () => null,
  receive: () => {
    throw new TerminalError('it is broken')
  },
})
