import { z } from 'zod'
import { auditOwner } from '../house/scope.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor } from '../kernel/types.ts'

/** An audited request and its status. `at` in ms since the epoch. */
export type AuditEntry = {
  readonly at: number
  /** id of the key; absent for a request without a key */
  readonly key?: string
  /** `*NAME` is a person of staff, and `*` a key of staff */
  readonly owner: string
  readonly method: string
  /** route template: `/v1/runs/{id}/cancel` */
  readonly route: string
  /** requested path: `/v1/runs/run_1/cancel` */
  readonly target: string
  readonly status: number
  /** address of the client */
  readonly address?: string
}

/** Messages to an audit. `expire` deletes it with all its entries. */
type AuditMessage = { readonly type: 'record'; readonly entry: AuditEntry } | { readonly type: 'expire' }

const text = z.string().max(2000)
const entry: z.ZodType<AuditEntry> = z.object({
  at: z.number(),
  key: text.exactOptional(),
  owner: auditOwner,
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

/** `audit/<owner>.<day>`: the changes of an owner on one day, as events. */
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

/** The key of the actor that holds the entry. */
export const auditKey = ({ owner, at }: Pick<AuditEntry, 'owner' | 'at'>) => `${owner}.${dayOf(at)}`

/** The UTC day of a time: `2026-11-21`. */
export const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)

const DAY = /^(.*)\.(\d{4}-\d{2}-\d{2})$/

function partsOf(key: string): { readonly owner: string; readonly day: string } {
  const [, owner = key, day = ''] = DAY.exec(key) ?? []
  return { owner, day }
}
