import { z } from 'zod'
import { ACT_KIND, type Act, act, dayOf } from '../house/act.ts'
import { auditOwner } from '../house/scope.ts'
import type { Json } from '../kernel/schema.ts'
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
type DayMessage<Entry> = { readonly type: 'record'; readonly entry: Entry } | { readonly type: 'expire' }

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

/** `audit/<owner>.<day>`: the requests of an owner on one day that changed something, as events. */
export const auditActor = () => dayActor<AuditEntry>('audit', entry)

/** `act/<owner>.<day>`: what people and programs did with the work of an owner on one day, as events. */
export const actActor = () => dayActor<Act>(ACT_KIND, act)

function dayActor<Entry extends object>(kind: string, entry: z.ZodType<Entry>): Actor<null, DayMessage<Entry>> {
  return defineActor<null, DayMessage<Entry>>({
    kind,
    message: z.discriminatedUnion('type', [
      z.object({ type: z.literal('record'), entry }),
      z.object({ type: z.literal('expire') }),
    ]) as z.ZodType<DayMessage<Entry>>,
    initial: () => null,
    receive(_state, asked, { self }) {
      if (asked.type === 'expire') return { reply: true, stop: true }
      return { events: [asked.entry as Json], index: { ...partsOf(self.key) } }
    },
  })
}

/** The key of the actor that holds the entry. */
export const auditKey = ({ owner, at }: Pick<AuditEntry, 'owner' | 'at'>) => `${owner}.${dayOf(at)}`

const DAY = /^(.*)\.(\d{4}-\d{2}-\d{2})$/

function partsOf(key: string): { readonly owner: string; readonly day: string } {
  const [, owner = key, day = ''] = DAY.exec(key) ?? []
  return { owner, day }
}
