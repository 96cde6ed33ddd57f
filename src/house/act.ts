import { z } from 'zod'
import { maybe, type Plain, time } from '../document.ts'
import type { Json } from '../kernel/json.ts'
import type { Send } from '../kernel/types.ts'
import { present } from '../lib/json/present.ts'
import { ANSWER_KINDS, by, type GivenAnswer } from './by.ts'

/** The kind of the actors that keep acts: `act/OWNER.DAY`. */
export const ACT_KIND = 'act'

const id = maybe(z.string().max(1000))

/** Characters of a title and of a reason. */
const MAX_ACT_TEXT = 500

export const actFields = {
  at: time,
  owner: z.string().meta({ description: 'the owner of the work; of a key, its owner' }),
  what: z.enum([
    ...ANSWER_KINDS,
    'decided',
    'consented',
    'key-created',
    'key-revoked',
    'owner-erased',
    'agent-put',
    'agent-removed',
    'budget-raised',
    'runs-cancelled',
    'runs-resumed',
    'runs-forked',
  ]),
  outcome: id.meta({
    description:
      'of `settled` and `decided`: the outcome that was said; of `budget-raised`: the new limit; of many runs: how many',
  }),
  by: maybe(by).meta({ description: 'absent: not known' }),
  tool: id.meta({ description: 'the tool of the call' }),
  run: id,
  step: id,
  goal: id,
  agent: id,
  conversation: id,
  ask: id,
  title: maybe(z.string().max(MAX_ACT_TEXT)).meta({
    description: 'the title of the question; of many runs: which; secrets are hidden',
  }),
  reason: maybe(z.string().max(MAX_ACT_TEXT)).meta({ description: 'why, as the person said; secrets are hidden' }),
  target: id.meta({
    description: 'id of the key, the erasure or the operation on many runs, or the scope of the budget',
  }),
}

export const act = z.object(actFields)

/** A text as an act keeps it; `hide`: hides its secrets, and comes before the cut. */
export const actText = (text: string, hide: (text: string) => string): string =>
  hide(text).slice(0, MAX_ACT_TEXT).toWellFormed()

/** Something that a person or a program did, without the parameters and results of calls. */
export type Act = Plain<typeof act>

/** The UTC day of a time: `2026-11-21`. */
export const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)

/** Records what was said about a call, and for which work it is made. */
export const recordAnswer = (
  owner: string,
  about: { readonly [Field in keyof Act]?: Act[Field] | undefined },
  { what, outcome, by, at }: GivenAnswer,
): Send => recordAct({ at, owner, what, by, ...present({ ...about, outcome }) } as Act)

/** The message that records an act. It leaves with the turn that did it, so both are durable, or neither. */
export const recordAct = (entry: Act): Send => ({
  to: { kind: ACT_KIND, key: `${entry.owner}.${dayOf(entry.at)}` },
  body: { type: 'record', entry: entry as Json },
})
