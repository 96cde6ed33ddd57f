import { z } from 'zod'
import { defineActor } from '../kernel/turn.ts'
import type { Actor } from '../kernel/types.ts'

type HorizonMessage = { readonly type: 'begin' | 'advance'; readonly at: number }

const KIND = 'notice-horizon'
/** The addresses of the horizons of failures, and of work that has completed or was cancelled. */
export const HORIZONS = { failed: { kind: KIND, key: 'failed' }, ended: { kind: KIND, key: 'ended' } } as const

/**
 * `notice-horizon/<which>`: the time after which such work is looked for (ms since the epoch). It begins when notices
 * about it are first configured, so that older ends are not reported, and advances when those before it have their
 * notices.
 */
export function horizonActor(): Actor<number, HorizonMessage> {
  return defineActor<number, HorizonMessage>({
    kind: KIND,
    message: z.object({ type: z.enum(['begin', 'advance']), at: z.number() }),
    initial: () => 0,
    receive(from, { type, at }) {
      const next = type === 'begin' && from > 0 ? from : Math.max(from, at)
      return { ...(next !== from && { state: next }), reply: next }
    },
  })
}
