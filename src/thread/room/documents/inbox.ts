import { z } from 'zod'
import { maybe, type Plain, time } from '../../../document.ts'
import { recordSource } from '../../../memory/record.ts'
import { stepItem } from '../../../run/room/documents.ts'
import { decisionProposal } from '../../protocol/ask-state.ts'
import { CONSENT_ANSWERS } from '../../protocol/context-operations.ts'
import { consentQuestion } from './answer.ts'

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

/** A consent question to a thread's user; no work waits for it. `inbox.consent` answers it, with any ask of it. */
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
    changes: maybe(z.array(z.string())).meta({
      description: 'how the code that it needs has changed, a line each: `goals.adopt` lets it go on',
    }),
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

/** An item that waits for people: a step, an ask, consent to summaries, a goal, a budget, or a proposed fact. */
export type InboxItem = Plain<typeof inboxItem>
