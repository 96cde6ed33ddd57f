import { z } from 'zod'
import { CONSENT_ANSWERS } from '../../chain/protocol/context-operations.ts'
import type { Artifact } from '../../pipeline/plan/artifact.ts'
import type { FailedHandlerDocument, RunDocument, StepDetail, StepDocument } from '../../pipeline/report/document.ts'
import { json, maybe, type Plain, schemaOf, shownContent, time } from './basic.ts'
import { modelUse } from './budget.ts'
import { playbookItem } from './playbook.ts'
import { consentQuestion, proposal } from './thread.ts'

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

const made = {
  location: z.string(),
  kind: maybe(z.string()),
  mime: maybe(z.string()),
  type: maybe(z.string()),
  description: maybe(z.string()),
  schema: maybe(json),
  size: maybe(z.number()),
}
/** A file that a step wrote. */
export const artifact = schemaOf<Artifact & { readonly step: string }>()(
  z.object({ ...made, step: z.string() }).meta({ id: 'Artifact' }),
)

const failedHandler = schemaOf<FailedHandlerDocument>()(
  z
    .object({
      handler: z.string(),
      error: z.string().nullable(),
      error_type: z.string().nullable(),
      error_code: maybe(z.string()),
      error_hint: maybe(z.string()),
      error_stack: maybe(z.string()),
    })
    .meta({ id: 'FailedHandler' }),
)

const step = z.object({
  id: z.string(),
  action: z.string(),
  status: z.enum(['queued', 'waiting', 'running', 'completed', 'failed', 'skipped', 'cancelled']),
  success: z.boolean().nullable(),
  value: json,
  error: z.string().nullable(),
  error_type: z.string().nullable(),
  tool: z.string().nullable(),
  model: z.string().nullable(),
  provider: z.string().nullable(),
  started_at: z.string().nullable(),
  completed_at: z.string().nullable(),
  duration: z.number().nullable().meta({ description: 'seconds' }),
  retries: z.number(),
  timed_out: z.boolean(),
  dependencies: z.array(z.string()),
  skip_reason: z.string().nullable(),
  waits_for: maybe(z.string()).meta({ description: '`signal:NAME` or `budget:SCOPE`' }),
  to_go_on: maybe(z.string()).meta({ description: 'the command that continues it' }),
  error_code: maybe(z.string()),
  error_hint: maybe(z.string()),
  error_stack: maybe(z.string()),
  skipped_by: maybe(z.string()),
  models: maybe(z.array(modelUse)),
  idempotency_key: maybe(z.string()),
  handled: maybe(z.string()),
  failed_handlers: maybe(z.array(failedHandler)).meta({ description: 'error handlers that failed' }),
  degraded: maybe(z.literal(true)),
  lacks: maybe(z.array(z.string())).meta({ description: 'what is missing, one sentence each' }),
  whole: maybe(z.array(z.object({ field: z.string(), characters: z.number(), blob: z.string() }))),
  warnings: maybe(z.array(z.string())).meta({ description: 'warnings of its tool about the result' }),
  retry_at: maybe(z.string()),
  reused: maybe(z.literal(true)),
  undone: maybe(z.boolean()),
  undo_error: maybe(z.string()),
})

const stepDocument = schemaOf<StepDocument>()(step.meta({ id: 'Step' }))

/** A step with its parameters, messages and reply. */
export const stepDetail = schemaOf<StepDetail>()(
  step
    .extend({
      run: z.string().meta({ description: 'id of the run' }),
      parameters: maybe(json).meta({ description: 'parameters of the tool or model call' }),
      messages: maybe(z.array(z.object({ role: z.enum(['system', 'user']), text: z.string() }))).meta({
        description: 'messages that the model received, rendered again from the records of the run',
      }),
      reply: maybe(z.string()).meta({ description: 'reply of the model' }),
      not_rendered: maybe(z.string()).meta({ description: 'why parameters or messages are missing' }),
    })
    .meta({ id: 'StepDetail' }),
)

export const runDocument = schemaOf<RunDocument>()(
  z
    .object({
      pipeline_id: z.string(),
      execution_id: z.string().meta({ description: 'id of the run' }),
      status: z.enum(['running', 'waiting', 'completed', 'failed', 'cancelled']),
      success: z.boolean().nullable(),
      steps: z.record(z.string(), stepDocument),
      outputs: z.record(z.string(), json),
      execution_order: z.array(z.string()),
      execution_levels: z.array(z.array(z.string())),
      started_at: z.string(),
      completed_at: z.string().nullable(),
      duration: z.number().nullable().meta({ description: 'seconds' }),
      error: z.string().nullable(),
      error_type: z.string().nullable(),
      artifacts: z.array(artifact),
      error_code: maybe(z.string()),
      error_hint: maybe(z.string()),
      error_stack: maybe(z.string()),
      failed_step: maybe(z.string()),
      name: z.string(),
      pipeline_hash: z.string(),
      counts: z.object({ done: z.number(), failed: z.number(), skipped: z.number() }),
      usage: maybe(z.object({ input: z.number(), output: z.number(), cost: maybe(z.number()) })),
      degraded: maybe(z.literal(true)),
      lacks: maybe(z.array(z.string())).meta({ description: 'what is missing, as `STEP: sentence`' }),
      warnings: maybe(z.array(z.string())),
    })
    .meta({ id: 'Run' }),
)

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

/** The steps that differ between a run and its present file. `file`: the path, or the name of a text; absent if it is gone or the run has ended. */
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
    kind: z.enum(['prompt', 'approval', 'feedback', 'signal', 'money', 'provider', 'unknown']),
    title: z.string(),
    ...shownContent,
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
    proposal,
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

/** Something that waits for people: a step, an ask, consent to message summaries, a goal, a budget, or a learned playbook. */
export const inboxItem = z
  .union([stepItem, askItem, consentItem, askMoneyItem, askProviderItem, goalItem, playbookItem])
  .meta({ id: 'InboxItem' })

/** An item that waits for people: a step, an ask, consent to message summaries, a goal, a budget, or a learned playbook. */
export type InboxItem = Plain<typeof inboxItem>
