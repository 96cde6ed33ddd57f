import { z } from 'zod'
import { json, maybe } from '../../document.ts'
import { dollars, givenId, id, listOf, page, priority, values, workContext } from '../../house/common-fields.ts'
import { describe, events, eventsQuery, OVER, pages } from '../../house/describe.ts'
import { byStart } from '../../house/paging.ts'
import { ownerName } from '../../house/scope.ts'
import { SETTLEMENTS } from '../../step/messages/settlement.ts'
import { signalNameSchema } from '../../step/messages/signal.ts'
import { runDocument, stepArtifact, stepDetail, stepRow } from '../document.ts'
import { INPUT_FAULTS, runOperations } from '../facts.ts'
import { whenFields } from '../later/terms.ts'
import { NAMES_ONE, namesOne, runCounts, runSummary, started, startedRun, whichPipeline } from './documents.ts'
import { runSource } from './source.ts'

const stepName = z.string().min(1).max(1000)

const budget = maybe(dollars).meta({ description: 'dollars that its models may cost; at the limit the run waits' })

const runRequest = z
  .strictObject({
    ...whichPipeline,
    workflow: maybe(id).meta({ description: 'name of a workflow of the program' }),
    input: maybe(json).meta({ description: 'with `workflow`: its input' }),
    inputs: maybe(values),
    strict: maybe(z.boolean()).meta({ description: 'treat unknown keys as errors' }),
    strategy: maybe(z.string().max(100)),
    budget,
    priority,
    context: workContext,
    id: maybe(givenId),
    interactive: maybe(z.boolean()).meta({ description: 'a person follows the run at a terminal' }),
    reuse: maybe(z.union([z.boolean(), z.string().min(1).max(1000)])).meta({
      description: 'reuse steps whose inputs have not changed since this run (true: the newest run)',
    }),
    from: maybe(stepName).meta({ description: 'start with this step and reuse all earlier steps' }),
    ...whenFields,
  })
  .refine((given) => namesOne({ ...given, pipeline: given.workflow ?? given.pipeline }), NAMES_ONE)

const forkRequest = z.strictObject({
  at: maybe(stepName).meta({ description: 'the step to execute again' }),
  set: maybe(values).meta({ description: 'inputs to change' }),
  ...whichPipeline,
  priority,
  id: maybe(givenId),
  interactive: maybe(z.boolean()),
  budget,
  ...whenFields,
})

const flag = z.union([z.boolean(), z.enum(['true', 'false'])])
const moment = z.coerce.number().int().min(0).max(8.64e15)
const text = z.string().min(1).max(200)

export const runFilterFields = {
  status: maybe(z.string().max(32)).meta({ description: '`open`: running or waiting' }),
  owner: maybe(ownerName).meta({ description: 'only runs of this owner, if the caller sees them' }),
  name: maybe(text).meta({ description: 'only runs with this name' }),
  text: maybe(text).meta({
    description: 'only runs whose id, name, error or inputs (their first 2000 characters) contain this, in any case',
  }),
  error: maybe(text).meta({ description: 'only failed runs whose error has this code' }),
  cost: maybe(z.coerce.number().min(0)).meta({ description: 'only runs whose models took so many dollars or more' }),
  since: maybe(moment).meta({ description: 'only runs that started then or later: ms since the epoch' }),
  until: maybe(moment).meta({ description: 'only runs that started then or before: ms since the epoch' }),
  top: maybe(flag).meta({ description: 'true: no child runs' }),
  waits: maybe(z.literal('code')).meta({ description: 'only open runs whose code does not fit' }),
}

const runsQuery = z.object({
  ...page,
  ...runFilterFields,
  details: maybe(flag).meta({ description: 'true: with progress, cost, error, and why it stands still' }),
})

const countsQuery = runsQuery.pick({ owner: true, since: true, until: true, top: true })

const stepsQuery = z.object({
  ...page,
  limit: z.coerce.number().int().min(1).max(10_000).default(100).meta({ description: 'page size, at most 10000' }),
})

const cancellation = z.strictObject({
  reason: z.string().min(1).max(1000).default('cancelled by request'),
  undo: z.boolean().default(false).meta({ description: 'undo completed steps before the run ends' }),
})

const signalRequest = z.strictObject({ name: signalNameSchema, value: json, id: maybe(givenId) })

/** The body of a request that settles an unknown outcome. */
export const settlement = {
  outcome: z.enum(SETTLEMENTS).meta({
    description: '`done`: the call took place; `not-done`: it is made now, under its key; `fail`: its step fails',
  }),
  result: maybe(json).meta({ description: 'with `done`: what the call returned; absent: null' }),
  id: maybe(givenId),
}
const settleRequest = z.strictObject({ step: stepName, ...settlement })

const replayRequest = forkRequest.pick({
  id: true,
  interactive: true,
  budget: true,
  delay: true,
  startAt: true,
  queue: true,
})

export const ANY_TYPE = 'application/octet-stream'

/** The answer to a request that starts or steers a run. */
export const accepted = (about: string) => ({
  about,
  status: 202 as const,
  names: 'run',
  schema: started,
  location: ({ id }: { readonly id: string }) => `/v1/runs/${encodeURIComponent(id)}`,
})

/** Runs: start, list, read, follow, fork. */
export const RUNS = describe(runOperations, {
  'runs.start': {
    scope: 'run',
    passes: 'trust',
    summary: 'Start a run of a pipeline or a workflow',
    body: runRequest,
    idempotent: true,
    answer: { ...accepted('the run is durable and starts'), schema: startedRun },
    errors: [
      'not_found',
      'invalid_pipeline',
      'unknown_workflow',
      'tool_closed',
      ...INPUT_FAULTS,
      'local_only',
      'id_taken',
      'not_recorded',
      'busy',
      'queue_busy',
      'storage',
    ],
  },
  'runs.list': {
    scope: 'read',
    passes: 'filter',
    summary: 'List runs, newest first',
    query: runsQuery,
    answer: pages('a page of runs', runSummary, byStart, true),
    errors: ['bad_cursor'],
  },
  'runs.counts': {
    scope: 'read',
    summary: 'Count runs by status',
    query: countsQuery,
    answer: { about: 'the numbers', schema: runCounts },
  },
  'runs.get': {
    scope: 'read',
    summary: 'Show a run with its steps and outputs',
    answer: { about: 'the run', schema: runDocument },
    errors: ['not_found'],
  },
  'runs.steps': {
    scope: 'read',
    summary: 'List the steps of a run without their results, in the order of the author',
    query: stepsQuery,
    answer: pages('a page of steps', stepRow, ({ id }) => id),
    errors: ['not_found', 'bad_cursor'],
  },
  'runs.step': {
    scope: 'read',
    summary: 'Show a step with its parameters, the messages its model received, and its reply',
    answer: { about: 'the step', schema: stepDetail },
    errors: ['not_found', 'run_not_begun'],
  },
  'runs.source': {
    scope: 'read',
    summary: 'Show what a run was started from: the text of its pipeline, or the operations of its workflow',
    description:
      'A text that is a file of the server is shown to admins and to callers on its machine. It is read as it is now.',
    answer: { about: 'the source', schema: runSource },
    errors: ['not_found', 'run_not_begun'],
  },
  'runs.page': {
    scope: 'read',
    summary: 'Download a run as one HTML file, which has no script and loads nothing',
    answer: { about: 'the file', type: 'text/html' },
    errors: ['not_found', 'run_not_begun'],
  },
  'runs.whole': {
    scope: 'read',
    summary: 'Read all of a field that the result of a step has only in part, up to 16 MiB',
    answer: { about: 'the whole text', schema: z.object({ text: z.string() }) },
    errors: ['not_found'],
  },
  'runs.events': {
    scope: 'read',
    summary: 'Follow a run',
    query: eventsQuery,
    answer: events('durable events with a number, model deltas between them; ends with run-end', OVER),
    errors: ['not_found'],
  },
  'runs.fork': {
    scope: 'run',
    passes: 'trust',
    summary: 'Start a run that reuses recorded results of another run; a replay by default',
    body: forkRequest,
    idempotent: true,
    answer: accepted('the new run is durable and starts'),
    errors: [
      ...(['not_found', 'tool_closed', ...INPUT_FAULTS, 'local_only', 'unknown_step'] as const),
      ...(['id_taken', 'not_recorded', 'run_not_begun', 'busy', 'queue_busy', 'storage'] as const),
    ],
  },
  'runs.replay': {
    scope: 'run',
    passes: 'trust',
    summary: 'Start a run that reuses all recorded results of another run and executes the rest',
    body: replayRequest,
    idempotent: true,
    answer: accepted('the new run is durable and starts'),
    errors: ['not_found', 'id_taken', 'run_not_begun', 'busy', 'queue_busy'],
  },
  'runs.artifacts': {
    scope: 'read',
    summary: 'List the files that the steps of a run wrote',
    answer: { about: 'the recorded files', schema: listOf(stepArtifact) },
    errors: ['not_found'],
  },
  'runs.artifact': {
    scope: 'read',
    summary:
      'Download the current content of a file that a step wrote, up to 16 MiB; only from folders that the tools of the run may read',
    answer: { about: 'the content', type: ANY_TYPE },
    errors: ['not_found', 'outside_root', 'too_large'],
  },
})

/** Runs at work: resume, signal, settle, cancel. */
export const RUN_STEERING = describe(runOperations, {
  'runs.resume': {
    scope: 'run',
    resumes: true,
    summary: 'Resume a run that an earlier process left',
    answer: accepted('the run continues'),
    errors: ['not_found'],
  },
  'runs.signal': {
    scope: ['run', 'approve'],
    resumes: true,
    summary: 'Send a signal to a run; a step may wait for it now or later',
    description:
      'A signal that answers a question to a person needs the scope `approve`, all others need `run`. A signal that was sent without `approve` never answers such a question, also not later.',
    body: signalRequest,
    idempotent: true,
    answer: {
      about: 'taken, or kept for a later step',
      schema: z.object({ status: z.enum(['taken', 'kept']) }),
    },
    errors: ['not_found', 'run_over', 'not_waiting', 'not_shown', 'bad_value', 'id_taken'],
  },
  'runs.settle': {
    scope: 'approve',
    resumes: true,
    summary: 'Settle an at-most-once call whose outcome is unknown',
    body: settleRequest,
    idempotent: true,
    answer: { about: 'the step has received the answer', schema: z.object({ status: z.literal('taken') }) },
    errors: ['not_found', 'run_over', 'run_not_begun', 'not_waiting', 'bad_value', 'id_taken'],
  },
  'runs.cancel': {
    scope: 'run',
    summary: 'Cancel a run',
    body: cancellation,
    answer: accepted('the run is being cancelled'),
    errors: ['not_found'],
  },
})
