import { z } from 'zod'
import { json, maybe, type Plain, time } from '../../document.ts'
import type { DeltasLost } from '../../engine/bus.ts'
import { shownContent } from '../../house/common-fields.ts'
import { recordSource } from '../../memory/record.ts'
import type { RunDelta, RunEvent } from '../../pipeline/plan/messages/run-event.ts'
import { decisionProposal } from '../../thread/protocol/ask-state.ts'
import { CONSENT_ANSWERS } from '../../thread/protocol/context-operations.ts'
import { consentQuestion } from './thread.ts'

/** The id of the started run. */
export const started = z.object({ id: z.string() }).meta({ id: 'Started' })

/** An entry in a list of runs. */
export const runSummary = z
  .object({
    id: z.string(),
    owner: z.string(),
    name: z.string(),
    status: z.string(),
    startedAt: time,
    finishedAt: maybe(time),
    degraded: maybe(z.literal(true)).meta({ description: 'a step is degraded; the run says which one, and why' }),
    root: maybe(z.string()).meta({ description: 'the top-level run; only for child runs' }),
  })
  .meta({ id: 'RunSummary' })

/** A run as a list shows it; times in ms since the epoch. */
export type RunSummary = Plain<typeof runSummary>

/** The steps in which the current file differs from the pipeline of a run. */
export const changes = z
  .object({
    file: maybe(z.string()),
    steps: z.array(z.string()),
    model: maybe(z.object({ was: z.string(), is: z.string() })).meta({
      description: 'set if only the default model differs',
    }),
  })
  .meta({ id: 'Changes' })

/**
 * The steps that differ between a run and its present file. `file`: the
 * path, or the name of a text; absent if it is gone or the run has ended.
 */
export type Changes = Plain<typeof changes>

/** A step that waits for a person or for a budget. */
const stepItem = z
  .object({
    run: z.string(),
    owner: z.string(),
    step: z.string(),
    signal: z.string().meta({
      description: 'name of the signal that answers it; `budget:SCOPE` if it continues when that budget is raised',
    }),
    since: time,
    until: maybe(time).meta({ description: 'end of the wait, ms since the epoch' }),
    kind: z.enum(['prompt', 'approval', 'feedback', 'signal', 'money', 'provider', 'code', 'unknown']),
    title: z.string(),
    ...shownContent,
    context: maybe(json).meta({
      description: 'with `content=whole`: what the program gave to the tools of the run; no model sees it',
    }),
    expects: z.object({
      type: z.enum([
        'text',
        'multiline',
        'number',
        'boolean',
        'choice',
        'approval',
        'answers',
        'any',
        'money',
        'nothing',
        'settlement',
      ]),
      choices: maybe(z.array(json)),
      default: maybe(json),
      pattern: maybe(z.string()),
      reason: maybe(z.boolean()),
      questions: maybe(z.array(z.record(z.string(), json))),
    }),
  })
  .meta({ id: 'StepItem' })

/** A step that waits for a signal; times in ms since the epoch. */
export type StepItem = Plain<typeof stepItem>

const onThread = {
  thread: z.string(),
  owner: z.string(),
  since: time.meta({ description: 'start of the wait, ms since the epoch' }),
  title: z.string(),
}

const askItem = z
  .object({
    kind: z.literal('decision'),
    ...onThread,
    ask: z.string().meta({ description: 'id of the ask' }),
    proposal: decisionProposal,
    expects: z.object({ type: z.literal('decision'), choices: z.array(z.enum(['accept', 'yield', 'loop'])) }),
  })
  .meta({ id: 'AskItem' })

/** A question that waits for a decision, which `inbox.decide` makes. */
export type AskItem = Plain<typeof askItem>

const consentItem = z
  .object({
    kind: z.literal('consent'),
    ...onThread,
    ask: z.string().meta({ description: 'id of the ask that asked first' }),
    messages: z
      .array(z.object({ ...consentQuestion, text: z.string() }))
      .meta({ description: 'the messages, each with the start of its text' }),
    expects: z.object({ type: z.literal('consent'), choices: z.array(z.enum(CONSENT_ANSWERS)) }),
  })
  .meta({ id: 'ConsentItem' })

/**
 * A consent question to the user of a thread; no work waits for it. `inbox.consent` answers it,
 * with any ask of the thread.
 */
export type ConsentItem = Plain<typeof consentItem>

const askMoneyItem = z
  .object({
    kind: z.literal('money'),
    ...onThread,
    ask: z.string().meta({ description: 'id of the ask' }),
    signal: z.string().meta({ description: '`budget:SCOPE`: it continues when that budget is raised' }),
    expects: z.object({ type: z.literal('money') }),
  })
  .meta({ id: 'AskMoneyItem' })

const askProviderItem = z
  .object({
    kind: z.literal('provider'),
    ...onThread,
    ask: z.string().meta({ description: 'id of the ask' }),
    until: time.meta({ description: 'the time of the next call, ms since the epoch' }),
    expects: z.object({ type: z.literal('nothing') }),
  })
  .meta({ id: 'AskProviderItem' })

/** A question that has waited long for the provider of its model: it continues by itself. */
export type AskProviderItem = Plain<typeof askProviderItem>

/** A question that waits for money: it continues when its budget is raised. */
export type AskMoneyItem = Plain<typeof askMoneyItem>

const goalItem = z
  .object({
    kind: z.literal('goal'),
    goal: z.string(),
    agent: z.string(),
    owner: z.string(),
    since: time.meta({ description: 'start of the wait, ms since the epoch' }),
    title: z.string(),
    signal: maybe(z.string()).meta({ description: '`budget:SCOPE`: it continues when that budget is raised' }),
    expects: z.object({ type: z.enum(['resume', 'money']) }),
  })
  .meta({ id: 'GoalItem' })

/** A goal that waits for a person: `goals.resume` continues it. */
export type GoalItem = Plain<typeof goalItem>

const factItem = z
  .object({
    kind: z.literal('fact'),
    record: z.string().meta({ description: 'id of the proposed fact' }),
    owner: z.string(),
    since: time.meta({ description: 'when it was proposed, ms since the epoch' }),
    title: z.string(),
    space: z.string(),
    source: recordSource.meta({ description: 'who proposes it' }),
    subject: maybe(z.string()),
    text: maybe(z.string()).meta({ description: 'absent where contents are not read' }),
    against: maybe(z.object({ text: z.string(), source: recordSource })).meta({
      description: 'the fact that it would end',
    }),
    isOver: maybe(z.boolean()).meta({
      description: 'it would only be history: a newer fact holds, or its time is over',
    }),
    expects: z.object({ type: z.literal('proposal'), choices: z.tuple([z.literal('accept'), z.literal('decline')]) }),
  })
  .meta({ id: 'FactItem' })

/** A fact that work has proposed: `memory.accept` and `memory.decline` answer it. */
export type FactItem = Plain<typeof factItem>

export const inboxItem = z
  .union([stepItem, askItem, consentItem, askMoneyItem, askProviderItem, goalItem, factItem])
  .meta({ id: 'InboxItem' })

/**
 * An item that waits for people: a step, an ask, consent to message summaries, a goal, a budget, or a proposed fact.
 */
export type InboxItem = Plain<typeof inboxItem>

/**
 * An event of a run: durable with a number `n`, the output of models without one. A value that a tool passes to `emit`
 * has no number either, and the tool chooses its type.
 */
export type FollowedRunEvent = { readonly n?: number; readonly body: RunEvent | RunDelta | DeltasLost }
