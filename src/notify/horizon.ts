import { z } from 'zod'
import { defineActor } from '../kernel/turn.ts'
import type { Actor } from '../kernel/types.ts'

type HorizonMessage = { readonly type: 'begin' | 'advance'; readonly at: number }

/** The address of the horizon of failures. */
export const FAILURES = { kind: 'notice-horizon', key: 'failed' } as const

/**
 * `notice-horizon/failed`: the time after which failures are looked for (ms since the epoch). It begins when notices
 * are first configured, so that old failures are not reported, and advances when those before it have their notices.
 */
export function horizonActor(): Actor<number, HorizonMessage> {
  return defineActor<number, HorizonMessage>({
    kind: FAILURES.kind,
    message: z.object({ type: z.enum(['begin', 'advance']), at: z.number() }),
    initial: () => 0,
    receive(from, { type, at }) {
      const next = type === 'begin' && from > 0 ? from : Math.max(from, at)
      return { ...(next !== from && { state: next }), reply: next }
    },
  })
}
