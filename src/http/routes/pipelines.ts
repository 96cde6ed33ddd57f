import { z } from 'zod'
import { toInvalidError } from '../../pipeline/language/diagnostics/finding.ts'
import { cursorOfPipeline } from '../../runtime/ports/pipelines.ts'
import { type Route, route } from '../routing/route.ts'
import { id, listOf, maybe, page, pageOf, values } from '../schemas/basic.ts'
import { INPUT_FAULTS } from '../schemas/error-codes.ts'
import {
  files,
  NAMES_ONE,
  namesOne,
  pipelineDocument,
  pipelineSummary,
  plan,
  uploaded,
  verdict,
  whichPipeline,
} from '../schemas/pipeline.ts'
import { started } from '../schemas/run.ts'

const validation = z
  .strictObject({
    ...whichPipeline,
    inputs: maybe(values),
    strict: maybe(z.boolean()).meta({ description: 'an unknown key is an error' }),
  })
  .refine(namesOne, NAMES_ONE)

/** Pipelines as such: what the compiler says of one, and what a run of it would do. */
export const pipelineRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/pipelines/validate',
    scope: 'run',
    summary: 'What the compiler says of a pipeline',
    body: validation,
    asksOnly: true,
    errors: ['local_only'],
    answer: { about: 'what was found', schema: verdict },
    handle: ({ runtime, body }) => runtime.validate(body, body),
  }),
  route({
    method: 'post',
    path: '/pipelines/plan',
    scope: 'run',
    summary: 'What a run would do, and what earlier ones took',
    body: validation,
    asksOnly: true,
    errors: ['local_only'],
    answer: { about: 'its steps, level by level', schema: plan },
    handle: ({ runtime, body }) => runtime.plan(body, body),
  }),
]

const params = z.object({ name: id })
const upload = z.strictObject({
  text: z.string(),
  files: maybe(files),
  strict: maybe(z.boolean()).meta({ description: 'an unknown key is an error' }),
})
const version = z.object({ version: maybe(id).meta({ description: 'the hash of the one that is wanted' }) })
const runRequest = z.strictObject({ inputs: maybe(values) })

/** Pipelines under names: upload one, list them, read one, run it, take it away. */
export const uploadRoutes: readonly Route[] = [
  route({
    method: 'put',
    path: '/pipelines/{name}',
    scope: 'run',
    summary: 'Keep a pipeline under a name, as a version beside those before',
    params,
    body: upload,
    answer: { about: 'it is kept', schema: uploaded },
    errors: ['invalid_pipeline', 'storage'],
    async handle({ runtime, params: { name }, body: { strict, ...source } }) {
      const { kept, findings } = await runtime.putPipeline(name, source, strict === undefined ? {} : { strict })
      if (!kept) throw toInvalidError(findings)
      return { name, ...kept, findings }
    },
  }),
  route({
    method: 'get',
    path: '/pipelines',
    scope: 'read',
    summary: 'Pipelines that were uploaded, by owner and name',
    query: z.object(page),
    answer: { about: 'a page of them', schema: listOf(pipelineSummary) },
    errors: ['bad_cursor'],
    handle: async ({ runtime, query }) => pageOf(await runtime.pipelines(query), query.limit, cursorOfPipeline),
  }),
  route({
    method: 'get',
    path: '/pipelines/{name}',
    scope: 'read',
    summary: 'The text of a pipeline that was uploaded, and its versions',
    params,
    query: version,
    answer: { about: 'its newest version, or the one that is asked for', schema: pipelineDocument },
    errors: ['not_found'],
    handle: ({ runtime, params, query }) => runtime.getPipeline(params.name, query),
  }),
  route({
    method: 'delete',
    path: '/pipelines/{name}',
    scope: 'run',
    summary: 'Take a pipeline away; runs that were started with it go on',
    params,
    answer: { about: 'it is gone', schema: params },
    errors: ['not_found'],
    async handle({ runtime, params }) {
      await runtime.removePipeline(params.name)
      return params
    },
  }),
  route({
    method: 'post',
    path: '/pipelines/{name}/runs',
    scope: 'run',
    summary: 'Start a run of a pipeline that was uploaded',
    params,
    body: runRequest,
    idempotent: true,
    answer: {
      about: 'the run is durable, and begins',
      status: 202,
      schema: started,
      location: ({ id }) => `/v1/runs/${encodeURIComponent(id)}`,
    },
    errors: ['not_found', 'invalid_pipeline', ...INPUT_FAULTS, 'busy', 'storage'],
    handle: ({ runtime, params, body, made }) =>
      runtime.startRun({ ...body, pipeline: params.name, ...(made && { id: `run_${made.slice(0, 32)}` }) }),
  }),
]
