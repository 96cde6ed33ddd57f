import { z } from 'zod'
import type { DeadLetter } from '../../engine/engine.ts'
import type { InspectedMail } from '../../engine/inspect.ts'
import type { FailedHandler } from '../../pipeline/plan/step-outcome.ts'
import type {
  ActorDocument,
  ActorSummary,
  Attempt,
  Branch,
  Hold,
  LetterSummary,
  Retried,
  Why,
} from '../../runtime/ports/inspector.ts'
import { json, maybe, problem, time } from './basic.ts'

const reference = z.object({ kind: z.string(), key: z.string() }).meta({ id: 'ActorRef' })

const summary = {
  of: z.string().meta({ description: 'kind/key' }),
  status: z.string(),
  seq: z.number().meta({ description: 'number of commits' }),
  events: z.number(),
  waiting: z.number(),
  effect: maybe(z.string()),
  index: z.record(z.string(), z.union([z.string(), z.number()])),
}

/** An entry in a list of actors. */
export const actorSummary: z.ZodType<ActorSummary> = z.object(summary).meta({ id: 'ActorSummary' })

const effect = {
  name: z.string(),
  attempt: z.number(),
  since: maybe(time),
  until: maybe(time),
  problem: maybe(problem),
}

const types = ['request', 'response', 'event', 'error', 'watch', 'down', 'cancel', 'stop', 'resume'] as const

const mail: z.ZodType<InspectedMail> = z
  .object({
    id: z.string(),
    type: z.enum(types),
    from: reference.nullable(),
    correlationId: z.string(),
    due: maybe(time),
    timer: maybe(z.string()),
    since: time,
    held: maybe(z.literal(true)),
    effect: maybe(z.object(effect)),
  })
  .meta({ id: 'Mail' })

/** An actor with its state, mail and parts. */
export const actorDocument: z.ZodType<ActorDocument> = z
  .object({
    ...summary,
    turn: maybe(mail),
    mail: z.array(mail),
    version: maybe(z.number()),
    watchers: z.array(z.string()),
    state: json,
    parts: z.array(z.string()),
  })
  .meta({ id: 'Actor' })

/** An entry in a list of dead letters. */
export const letterSummary: z.ZodType<LetterSummary> = z
  .object({
    id: z.string(),
    at: time,
    to: z.string(),
    from: maybe(z.string()),
    type: z.string(),
    correlationId: z.string(),
    owner: maybe(z.string()).meta({ description: 'owner of the work, if known' }),
    problem,
  })
  .meta({ id: 'LetterSummary' })

export const deadLetter: z.ZodType<DeadLetter> = z
  .object({
    id: z.string(),
    at: time,
    letter: z.object({
      v: z.literal(1),
      id: z.string(),
      type: z.enum(types),
      from: reference.nullable(),
      to: reference,
      createdAt: time,
      correlationId: z.string(),
      cause: z.string().nullable(),
      body: json,
      replyTo: maybe(reference),
      due: maybe(time),
      timer: maybe(z.string()),
    }),
    problem,
  })
  .meta({ id: 'DeadLetter' })

/** The result of a retried dead letter. */
export const retried: z.ZodType<Retried> = z
  .object({
    id: z.string(),
    to: z.string(),
    correlationId: z.string(),
    outcome: z.enum(['taken', 'failed', 'pending']),
    problem: maybe(problem),
  })
  .meta({ id: 'Retried' })

const attempt: z.ZodType<Attempt> = z.object({
  ...effect,
  attempts: maybe(z.number()),
  does: maybe(z.string()),
})
const queued = z.object({ pool: z.string(), place: z.number(), of: z.number() })
const holding = <Type extends string, Fields extends z.ZodRawShape>(type: Type, fields: Fields) =>
  z.object({ type: z.literal(type), ...fields })

const failedHandler: z.ZodType<FailedHandler> = z.object({ by: z.string(), problem })

const hold: z.ZodType<Hold> = z
  .union([
    holding('effect', { work: z.string(), effect: attempt, queued: maybe(queued) }),
    holding('turn', { work: z.string(), since: time }),
    holding('mail', { count: z.number(), since: time }),
    holding('left', { work: z.string(), since: time, effect: maybe(attempt) }),
    holding('timer', { timer: z.string(), until: time }),
    holding('budget', { name: z.string(), since: maybe(time) }),
    holding('signal', { name: z.string(), run: maybe(z.string()), since: maybe(time) }),
    holding('decision', { name: z.string(), since: maybe(time) }),
    holding('others', { since: maybe(time) }),
    holding('stranded', {}),
    holding('over', { at: maybe(time), problem: maybe(problem), failedHandlers: maybe(z.array(failedHandler)) }),
    holding('failed', { problem: maybe(problem) }),
    holding('quarantined', { problem: maybe(problem) }),
    holding('halted', { problem: maybe(problem) }),
    holding('gone', {}),
  ])
  .meta({ id: 'Hold' })

/** The reasons why an actor makes no progress. */
export const why: z.ZodType<Why> = z
  .object({
    of: z.string(),
    status: z.string(),
    holds: z.array(hold),
    get waitsFor() {
      return z.array(why)
    },
    more: z.number(),
    letters: z.array(letterSummary),
  })
  .meta({ id: 'Why' })

/** An actor and the actors that work for it. */
export const branch: z.ZodType<Branch> = z
  .object({
    of: z.string(),
    status: z.string(),
    since: maybe(time),
    note: maybe(z.string()),
    get branches() {
      return z.array(branch)
    },
    more: z.number(),
  })
  .meta({ id: 'Branch' })
