import { z } from 'zod'
import { defineActor } from '../kernel/turn.ts'
import type { Actor } from '../kernel/types.ts'
import { ownerName } from './api-key.ts'

/** Who asked for what, and what came of it; `at` in ms since the epoch. */
export type AuditEntry = {
  readonly at: number
  /** the id of the key; absent: asked without one */
  readonly key?: string
  readonly owner: string
  readonly method: string
  /** as it is declared: `/v1/runs/{id}/cancel` */
  readonly route: string
  /** what was asked for: `/v1/runs/run_1/cancel` */
  readonly target: string
  readonly status: number
  /** where from */
  readonly address?: string
}

/** What may be asked of it; `expire`: that it goes with all that it keeps. */
export type AuditMessage = { readonly type: 'record'; readonly entry: AuditEntry } | { readonly type: 'expire' }

const text = z.string().max(2000)
const entry: z.ZodType<AuditEntry> = z.object({
  at: z.number(),
  key: text.exactOptional(),
  owner: ownerName,
  method: text,
  route: text,
  target: text,
  status: z.number(),
  address: text.exactOptional(),
})
const message: z.ZodType<AuditMessage> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('record'), entry }),
  z.object({ type: z.literal('expire') }),
])

/** `audit/<owner>.<day>`: what an owner has changed on a day, each an event. */
export function auditActor(): Actor<null, AuditMessage> {
  return defineActor<null, AuditMessage>({
    kind: 'audit',
    message,
    initial: () => null,
    receive(_state, asked, { self }) {
      if (asked.type === 'expire') return { reply: true, stop: true }
      return { events: [asked.entry], index: { ...partsOf(self.key) } }
    },
  })
}

/** Where what was asked at a time is kept. */
export const auditKey = ({ owner, at }: Pick<AuditEntry, 'owner' | 'at'>) => `${owner}.${dayOf(at)}`

/** The day of a moment, in UTC: `2026-11-21`. */
export const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)

const DAY = /^(.*)\.(\d{4}-\d{2}-\d{2})$/

function partsOf(key: string): { readonly owner: string; readonly day: string } {
  const [, owner = key, day = ''] = DAY.exec(key) ?? []
  return { owner, day }
}
