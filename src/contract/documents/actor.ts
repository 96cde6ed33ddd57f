import { z } from 'zod'
import { json, maybe, type Named, type Plain, problem, schemaOf, time } from '../../document.ts'
import type { DeadLetter } from '../../engine/engine.ts'
import type { InspectedMail } from '../../engine/inspect.ts'
import type { WorkRef } from '../../house/actors.ts'
import { failedHandler } from '../../step/record/step.ts'

/** Work by its id. */
export const workRef = schemaOf<WorkRef>()(
  z.object({ kind: z.enum(['run', 'goal', 'ask', 'bulk', 'message']), id: z.string() }).meta({ id: 'WorkRef' }),
)

const reference = z.object({ kind: z.string(), key: z.string() }).meta({ id: 'ActorRef' })

const summary = {
  of: z.string().meta({ description: 'kind/key' }),
  status: z.string(),
  seq: z.number().meta({ description: 'number of commits' }),
  events: z.number(),
  waiting: z.number().meta({ description: 'messages that wait, including timers' }),
  effect: maybe(z.string()),
  index: z.record(z.string(), z.union([z.string(), z.number()])),
}

/** An entry in a list of actors. */
export const actorSummary = z.object(summary).meta({ id: 'ActorSummary' })

/**
 * An actor in a list. Its status is its own one (index field `status`), failed or quarantined, or its activity:
 * working, left (interrupted), waiting, idle.
 */
export type ActorSummary = Plain<typeof actorSummary>

const effect = {
  name: z.string(),
  attempt: z.number(),
  since: maybe(time),
  until: maybe(time),
  problem: maybe(problem),
}

const types = ['request', 'response', 'event', 'error', 'watch', 'down', 'cancel', 'stop', 'resume'] as const

const mail = schemaOf<InspectedMail>()(
  z
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
    .meta({ id: 'Mail' }),
)

/** An actor with its state, mail and parts. */
export const actorDocument = z
  .object({
    ...summary,
    turn: maybe(mail),
    mail: z.array(mail),
    version: maybe(z.number()),
    watchers: z.array(z.string()),
    state: json,
    parts: z.array(z.string()).meta({ description: 'names of at most 100 parts' }),
  })
  .meta({ id: 'Actor' })

/** All that is known of an actor. */
export type ActorDocument = Plain<typeof actorDocument>

/** An entry in a list of dead letters. */
export const letterSummary = z
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

/** A dead letter without its body. */
export type LetterSummary = Plain<typeof letterSummary>

export const deadLetter = schemaOf<DeadLetter>()(
  z
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
        trace: maybe(z.string()).meta({ description: 'W3C traceparent' }),
      }),
      problem,
    })
    .meta({ id: 'DeadLetter' }),
)

/** The result of a retried dead letter. */
export const retried = z
  .object({
    id: z.string(),
    to: z.string(),
    correlationId: z.string(),
    outcome: z.enum(['taken', 'failed', 'pending']),
    problem: maybe(problem),
  })
  .meta({ id: 'Retried' })

/** The result of a retried dead letter. `pending`: none yet. */
export type Retried = Plain<typeof retried>

const attempt = z.object({
  ...effect,
  attempts: maybe(z.number()),
  progress: maybe(json).meta({ description: 'of a step: how far it says that it is' }),
  log: maybe(z.string()).meta({ description: 'of a step: the newest line of its log' }),
  does: maybe(z.string()),
  unbounded: maybe(z.string()).meta({
    description: 'for a call of a tool without a timeout: the setting that gives it one',
  }),
})

/** A running effect with its maximum number of attempts, and a description of its work. */
export type Attempt = Plain<typeof attempt>
const queued = z.object({
  pool: z.string(),
  place: z.number(),
  of: z.number(),
  resource: maybe(z.string()).meta({ description: 'the resource that it waits for, and why' }),
  overdue: maybe(z.number()).meta({ description: 'places of the pool that are held by work past its timeout' }),
})

/** A place in the queue of a pool: the first is next. */
export type Queued = Plain<typeof queued>
const holding = <Type extends string, Fields extends z.ZodRawShape>(type: Type, fields: Fields) =>
  z.object({ type: z.literal(type), ...fields })

const hold = z
  .union([
    holding('effect', { work: workRef, effect: attempt, queued: maybe(queued) }).meta({
      description: 'an effect runs, waits for a place in a pool, or pauses before its next attempt',
    }),
    holding('turn', { work: workRef, since: time }).meta({ description: 'a turn runs without an effect' }),
    holding('mail', { count: z.number(), since: time }).meta({ description: 'messages follow after the current turn' }),
    holding('left', { work: workRef, since: time, effect: maybe(attempt) }).meta({
      description: 'an earlier process left messages that nothing has taken up',
    }),
    holding('overdue', { what: z.string(), pool: z.string(), since: time }).meta({
      description: 'a call did not end at its timeout, and holds its place in a pool until it ends',
    }),
    holding('timer', { timer: z.string(), until: time }),
    holding('budget', { name: z.string(), since: maybe(time) }).meta({ description: 'it waits for money' }),
    holding('provider', { since: maybe(time) }).meta({
      description: 'it waits for the provider of its model; a timer says when it asks again',
    }),
    holding('code', {
      since: maybe(time),
      title: maybe(z.string()).meta({ description: 'why its code does not fit' }),
      hint: maybe(z.string()).meta({ description: 'of a workflow: what to do' }),
    }).meta({
      description:
        'its process lacks the code of a tool or a workflow; it continues when a process with that code opens the folder',
    }),
    holding('signal', {
      name: z.string(),
      run: maybe(z.string()),
      since: maybe(time),
      url: maybe(z.literal(true)),
      looks: maybe(z.literal(true)),
    }).meta({
      description:
        'it waits for a signal; `url`: a machine sends it to the address of the wait; `looks`: the outcome of a call is looked up, and a person may settle it',
    }),
    holding('decision', { name: z.string(), since: maybe(time) }).meta({
      description: 'it waits for a decision; `name` is the id of the ask',
    }),
    holding('goal', {
      reason: z.enum(['paused', 'limit', 'stuck', 'unknown', 'health', 'model', 'code']),
      title: z.string(),
      since: maybe(time),
      limit: maybe(z.enum(['rounds', 'tokens', 'deadline'])).meta({ description: 'the limit that it has reached' }),
    }).meta({ description: 'a goal that is paused, or that waits for a person or for its process' }),
    holding('duty', {
      name: z.string(),
      ran: maybe(time).meta({ description: 'when it last ended' }),
      did: maybe(z.object({ at: time, counts: z.record(z.string(), z.number()) })).meta({
        description: 'the last run that did something',
      }),
      failed: maybe(z.object({ code: z.string(), attempts: z.number() })).meta({
        description: 'failures since its last success; `code` of the last one',
      }),
      until: maybe(time).meta({ description: 'when it runs next; absent: after the next write' }),
    }).meta({ description: 'work that a memory does by itself' }),
    holding('stands', { says: z.string() }).meta({ description: 'what an actor says of itself' }),
    holding('start', { until: time }).meta({ description: 'a run or a goal that begins at this time' }),
    holding('queue', {
      key: z.string(),
      place: maybe(z.number()).meta({ description: 'the first is next; absent: it waits for others to come' }),
      behind: z.array(workRef).meta({ description: 'the runs and goals at work, at most ten' }),
      perMinute: maybe(z.number()).meta({ description: 'runs and goals that begin in a minute' }),
      until: maybe(time).meta({ description: 'until then, another start of the key takes its place' }),
    }).meta({ description: 'a run or a goal that waits for a slot of its key' }),
    holding('history', { operations: z.number(), most: z.number() }).meta({
      description: 'a run of a workflow has begun most of the operations that its history may have',
    }),
    holding('others', { since: maybe(time) }).meta({ description: 'it waits for other actors' }),
    holding('stranded', {}).meta({ description: 'nothing will ever wake it' }),
    holding('circle', { run: z.string(), since: maybe(time) }).meta({
      description: 'its call has started `run`, which waits for it: a call that waits for that run waits for ever',
    }),
    holding('over', { at: maybe(time), problem: maybe(problem), failedHandlers: maybe(z.array(failedHandler)) }).meta({
      description: 'it has ended; `failedHandlers` are the handlers of the failure that failed themselves',
    }),
    holding('failed', { problem: maybe(problem) }).meta({ description: 'it takes no messages until it is resumed' }),
    holding('quarantined', { problem: maybe(problem) }).meta({ description: 'this version cannot read its state' }),
    holding('halted', { problem: maybe(problem) }).meta({ description: 'it is stopped and keeps its state' }),
    holding('gone', {}),
  ])
  .meta({ id: 'Hold' })

/** One thing that holds an actor. */
export type Hold = Plain<typeof hold>

/** The reasons why an actor makes no progress. */
const whyFields = {
  of: z.string(),
  status: z.string(),
  /** what holds the actor, in order; empty: it has no work */
  holds: z.array(hold),
  get waitsFor() {
    return z.array(why)
  },
  /** how many more it waits for */
  more: z.number(),
  /** of its work */
  letters: z.array(letterSummary).meta({ description: 'dead letters of its work' }),
}
export interface WhyFields extends Named<typeof whyFields> {}

export const why: z.ZodObject<WhyFields> = z.object(whyFields).meta({ id: 'Why' })

/** An actor, its waits, and the ways to release it. Times in ms since the epoch. */
export type Why = Plain<typeof why>

const count = z.int().min(0)

/** The numbers of open work. */
export const workCounts = z
  .object({
    person: count.meta({ description: 'it waits for a person, or for money' }),
    code: count.meta({ description: 'it waits for code of a program' }),
    others: count.meta({ description: 'it waits for another service or machine, for a time, or for its turn' }),
    working: count.meta({ description: 'it waits for none of these' }),
    more: maybe(z.literal(true)).meta({ description: 'the numbers are minimums: at most 5000 entries are looked at' }),
  })
  .meta({ id: 'WorkCounts' })

/** Open work by what it waits for. */
export type WorkCounts = Plain<typeof workCounts>

const branchFields = {
  of: z.string(),
  status: z.string(),
  since: maybe(time),
  note: maybe(z.string()),
  get branches() {
    return z.array(branch)
  },
  more: z.number(),
}
export interface BranchFields extends Named<typeof branchFields> {}

export const branch: z.ZodObject<BranchFields> = z.object(branchFields).meta({ id: 'Branch' })

/** An actor and the actors that work for it. */
export type Branch = Plain<typeof branch>
