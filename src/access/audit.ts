import { z } from 'zod'
import { type Plain, time } from '../document.ts'
import { ACT_KIND, type Act, act, dayOf } from '../house/act.ts'
import { auditOwner } from '../house/scope.ts'
import type { Json } from '../kernel/schema.ts'
import { defineActor } from '../kernel/turn.ts'
import type { Actor } from '../kernel/types.ts'

/** Messages to an audit. `expire` deletes it with all its entries. */
type DayMessage<Entry> = { readonly type: 'record'; readonly entry: Entry } | { readonly type: 'expire' }

const text = z.string().max(2000)
const entry = z.object({
  at: time,
  /** id of the key; absent for a request without a key */
  key: text.exactOptional(),
  /** `*NAME` is a person of staff, and `*` a key of staff */
  owner: auditOwner,
  method: text,
  /** route template: `/v1/runs/{id}/cancel` */
  route: text,
  /** requested path: `/v1/runs/run_1/cancel` */
  target: text,
  status: z.number(),
  /** address of the client */
  address: text.exactOptional(),
})

/** An audited request and its status. `at` in ms since the epoch. */
export type AuditEntry = Plain<typeof entry>

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

export const auditKey = ({ owner, at }: Pick<AuditEntry, 'owner' | 'at'>) => `${owner}.${dayOf(at)}`

const DAY = /^(.*)\.(\d{4}-\d{2}-\d{2})$/

function partsOf(key: string): { readonly owner: string; readonly day: string } {
  const [, owner = key, day = ''] = DAY.exec(key) ?? []
  return { owner, day }
}
