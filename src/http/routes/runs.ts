import { hash } from 'node:crypto'
import { z } from 'zod'
import { EXECUTION_STRATEGIES } from '../../pipeline/language/parse/pipeline-spec.ts'
import { signalNameSchema } from '../../pipeline/plan/messages/run.ts'
import { cursorOfRun } from '../../runtime/ports/runs.ts'
import { canonicalJson } from '../../store/cache/key.ts'
import { events, OVER, type Route, route } from '../routing/route.ts'
import { givenId, id, json, listOf, maybe, page, pageOf, values } from '../schemas/basic.ts'
import { dollars } from '../schemas/budget.ts'
import { INPUT_FAULTS } from '../schemas/error-codes.ts'
import { NAMES_ONE, namesOne, whichPipeline } from '../schemas/pipeline.ts'
import { artifact, changes, inboxItem, runDocument, runSummary, started, stepDetail } from '../schemas/run.ts'
import { eventsQuery, startAfter } from '../stream/event-stream.ts'
import { LAST_EVENT } from '../wire/sse.ts'
import { approvalFor } from './approval.ts'

const params = z.object({ run: id })
const stepName = z.string().min(1).max(1000)

const budget = maybe(dollars).meta({ description: 'dollars that its models may cost: at the limit it waits' })
const runRequest = z
  .strictObject({
    ...whichPipeline,
    inputs: maybe(values),
    strict: maybe(z.boolean()).meta({ description: 'an unknown key is an error' }),
    strategy: maybe(z.enum(EXECUTION_STRATEGIES)),
    budget,
    id: maybe(givenId),
    interactive: maybe(z.boolean()).meta({ description: 'somebody follows it at a terminal' }),
    reuse: maybe(z.union([z.boolean(), z.string().min(1).max(1000)])).meta({
      description: 'steps whose inputs have not changed since that run (true: the newest) are taken over',
    }),
    from: maybe(stepName).meta({ description: 'begins with that step: all before it is taken over' }),
  })
  .refine(namesOne, NAMES_ONE)
const forkRequest = z.strictObject({
  at: maybe(stepName).meta({ description: 'the step that is done anew' }),
  set: maybe(values).meta({ description: 'inputs that are to be others' }),
  ...whichPipeline,
  id: maybe(givenId),
  interactive: maybe(z.boolean()),
  budget,
})
const runsQuery = z.object({
  ...page,
  status: maybe(z.string().max(32)),
})
const cancellation = z.strictObject({
  reason: z.string().min(1).max(1000).default('cancelled by request'),
  undo: z.boolean().default(false).meta({ description: 'what it did is undone before it ends' }),
})
const signalRequest = z.strictObject({ name: signalNameSchema, value: json, id: maybe(givenId) })
const inboxQuery = z.object({ run: maybe(id), ...page })

const replayRequest = forkRequest.pick({ id: true, interactive: true, budget: true })
const approval = z.strictObject({
  action: z.enum(['approve', 'reject', 'modify']).default('approve'),
  reason: maybe(z.string().max(10_000)),
  content: maybe(json).meta({ description: 'of modify: what it is to be instead' }),
  signal: maybe(signalNameSchema).meta({ description: 'which approval, where several wait' }),
  id: maybe(givenId),
})

const ANY_TYPE = 'application/octet-stream'

const runId = (made: string) => `run_${made.slice(0, 32)}`

/** The id of what is sent: given, or made from an Idempotency-Key and the body, since a refusal is remembered under the id. */
function sentUnder(made: string | undefined, { id, ...body }: Sent): { readonly id?: string } {
  if (id !== undefined) return { id }
  return made === undefined ? {} : { id: `sig_${hash('sha256', made + canonicalJson(body)).slice(0, 32)}` }
}
type Sent = z.output<typeof signalRequest> | z.output<typeof approval>

const accepted = (about: string) => ({
  about,
  status: 202 as const,
  schema: started,
  location: ({ id }: { readonly id: string }) => `/v1/runs/${encodeURIComponent(id)}`,
})

/** Runs of pipelines: start, list, read, follow, fork, take up, send signals to, call off; and what waits for people. */
export const runRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/runs',
    scope: 'run',
    summary: 'Start a run of a pipeline',
    body: runRequest,
    idempotent: true,
    answer: accepted('the run is durable, and begins'),
    errors: [
      'not_found',
      'invalid_pipeline',
      ...INPUT_FAULTS,
      'local_only',
      'id_taken',
      'not_recorded',
      'busy',
      'storage',
    ],
    handle: ({ runtime, body, made }) => runtime.startRun({ ...(made && { id: runId(made) }), ...body }),
  }),
  route({
    method: 'get',
    path: '/runs',
    scope: 'read',
    summary: 'Runs by start, the newest first',
    query: runsQuery,
    answer: { about: 'a page of them', schema: listOf(runSummary) },
    errors: ['bad_cursor'],
    handle: async ({ runtime, query }) => pageOf(await runtime.runs(query), query.limit, cursorOfRun),
  }),
  route({
    method: 'get',
    path: '/runs/{run}',
    scope: 'read',
    summary: 'A run with its steps and outputs',
    params,
    answer: { about: 'the run as it stands', schema: runDocument },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.run(params.run),
  }),
  route({
    method: 'get',
    path: '/runs/{run}/steps/{step}',
    scope: 'read',
    summary: 'A step with its parameters, the messages its model got, and its reply',
    params: z.object({ run: id, step: id }),
    answer: { about: 'the step as it stands', schema: stepDetail },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.step(params.run, params.step),
  }),
  route({
    method: 'get',
    path: '/runs/{run}/events',
    scope: 'read',
    summary: 'Follow a run',
    params,
    query: eventsQuery,
    answer: events('durable events with a number, between them what models write as it comes; ends with run-end', OVER),
    errors: ['not_found'],
    async handle({ runtime, caller, follow, params: { run }, query, header }) {
      // one that is not there is told before the stream begins
      await runtime.checkRun(run)
      return follow(caller, {
        topic: `run/${run}`,
        after: startAfter(query, header(LAST_EVENT)),
        ended: (after) => runtime.runEnded(run, after),
        durable: (from) => runtime.runEvents(run, from),
        volatile: (signal) => runtime.runDeltas(run, signal),
      })
    },
  }),
  route({
    method: 'post',
    path: '/runs/{run}/fork',
    scope: 'run',
    summary: 'Start a run that takes over what another has recorded; without anything else, a replay',
    params,
    body: forkRequest,
    idempotent: true,
    answer: accepted('the new run is durable, and begins'),
    errors: ['not_found', ...INPUT_FAULTS, 'local_only', 'unknown_step', 'id_taken', 'not_recorded', 'busy', 'storage'],
    handle: ({ runtime, params, body, made }) =>
      runtime.fork(params.run, { ...(made && { id: runId(made) }), ...body }),
  }),
  route({
    method: 'post',
    path: '/runs/{run}/replay',
    scope: 'run',
    summary: 'Start a run that takes over all that another has recorded: what is not, is done',
    params,
    body: replayRequest,
    idempotent: true,
    answer: accepted('the new run is durable, and begins'),
    errors: ['not_found', 'id_taken', 'busy'],
    handle: ({ runtime, params, body, made }) =>
      runtime.fork(params.run, { ...(made && { id: runId(made) }), ...body }),
  }),
  route({
    method: 'get',
    path: '/runs/{run}/artifacts',
    scope: 'read',
    summary: 'The files that the steps of a run made',
    params,
    answer: { about: 'what is recorded of them', schema: listOf(artifact) },
    errors: ['not_found'],
    handle: async ({ runtime, params }) => ({ items: (await runtime.run(params.run)).artifacts }),
  }),
  route({
    method: 'get',
    path: '/runs/{run}/artifacts/{step}',
    scope: 'read',
    summary:
      'The file that a step of a run made, as it is now, up to 16 MiB: read only where the tools of the run may read',
    params: z.object({ run: id, step: id }),
    answer: { about: 'its content', type: ANY_TYPE },
    errors: ['not_found', 'outside_root', 'too_large'],
    async handle({ runtime, params, signal }) {
      const { bytes, mime = ANY_TYPE } = await runtime.artifact(params.run, params.step, { signal })
      // a browser keeps it, and runs nothing that may be in it
      return new Response(bytes, { headers: { 'content-type': mime, 'content-disposition': 'attachment' } })
    },
  }),
  route({
    method: 'post',
    path: '/runs/{run}/approve',
    scope: 'run',
    summary: 'Approve, reject or change what a run waits to have approved',
    description:
      'Without an `id` and without an Idempotency-Key a repeated request answers the next approval that the run waits for.',
    params,
    body: approval,
    idempotent: true,
    answer: { about: 'the run has it', schema: z.object({ status: z.enum(['taken', 'kept']) }) },
    errors: ['not_found', 'run_over', 'not_waiting', 'bad_value', 'id_taken'],
    async handle({ runtime, params: { run }, body, made }) {
      const { signal, id: _, ...decision } = body
      const under = sentUnder(made, body)
      return runtime.signal(run, signal ?? (await approvalFor(runtime, run, under.id)), decision, under)
    },
  }),
  route({
    method: 'get',
    path: '/runs/{run}/changes',
    scope: 'read',
    summary: 'In which steps the file of a run differs from what it was started with',
    params,
    answer: { about: 'those steps', schema: changes },
    errors: ['not_found'],
    handle: ({ runtime, params }) => runtime.changes(params.run),
  }),
  route({
    method: 'post',
    path: '/runs/{run}/resume',
    scope: 'run',
    summary: 'Take up what an earlier process left of a run',
    params,
    answer: accepted('it goes on'),
    errors: ['not_found'],
    async handle({ runtime, params }) {
      await runtime.resume(params.run)
      return { id: params.run }
    },
  }),
  route({
    method: 'post',
    path: '/runs/{run}/signal',
    scope: 'run',
    summary: 'Send a run what one of its steps waits for, or will',
    params,
    body: signalRequest,
    idempotent: true,
    answer: {
      about: 'taken, or kept until a step waits for it',
      schema: z.object({ status: z.enum(['taken', 'kept']) }),
    },
    errors: ['not_found', 'run_over', 'bad_value', 'id_taken'],
    handle: ({ runtime, params, body, made }) =>
      runtime.signal(params.run, body.name, body.value, sentUnder(made, body)),
  }),
  route({
    method: 'post',
    path: '/runs/{run}/cancel',
    scope: 'run',
    summary: 'Call a run off',
    params,
    body: cancellation,
    answer: accepted('it is called off'),
    errors: ['not_found'],
    async handle({ runtime, params, body: { reason, undo } }) {
      await runtime.cancel(params.run, reason, { undo })
      return { id: params.run }
    },
  }),
  route({
    method: 'get',
    path: '/inbox',
    scope: 'read',
    summary: 'What waits for people, the longest first',
    query: inboxQuery,
    answer: { about: 'a page of it', schema: listOf(inboxItem) },
    errors: ['bad_cursor'],
    handle: ({ runtime, query }) => runtime.inbox(query),
  }),
]
