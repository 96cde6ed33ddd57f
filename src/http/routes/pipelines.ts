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
    strict: maybe(z.boolean()).meta({ description: 'treat unknown keys as errors' }),
  })
  .refine(namesOne, NAMES_ONE)

/** Pipelines without an upload: validate and plan. */
export const pipelineRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/pipelines/validate',
    scope: 'run',
    summary: 'Compile a pipeline and list the findings',
    body: validation,
    asksOnly: true,
    errors: ['local_only'],
    answer: { about: 'the findings', schema: verdict },
    handle: ({ runtime, body }) => runtime.pipelines.validate(body, body),
  }),
  route({
    method: 'post',
    path: '/pipelines/plan',
    scope: 'run',
    summary: 'Show what a run would do, with estimates from earlier runs',
    body: validation,
    asksOnly: true,
    errors: ['local_only'],
    answer: { about: 'the steps by level', schema: plan },
    handle: ({ runtime, body }) => runtime.pipelines.plan(body, body),
  }),
]

const params = z.object({ name: id })
const upload = z.strictObject({
  text: z.string(),
  files: maybe(files),
  strict: maybe(z.boolean()).meta({ description: 'treat unknown keys as errors' }),
})
const version = z.object({ version: maybe(id).meta({ description: 'hash of a version' }) })
const runRequest = z.strictObject({ inputs: maybe(values) })

/** Uploaded pipelines: upload, list, read, run, delete. */
export const uploadRoutes: readonly Route[] = [
  route({
    method: 'put',
    path: '/pipelines/{name}',
    scope: 'run',
    summary: 'Upload a pipeline; earlier versions stay available',
    params,
    body: upload,
    answer: { about: 'the pipeline is stored', schema: uploaded },
    errors: ['invalid_pipeline', 'storage'],
    async handle({ runtime, params: { name }, body: { strict, ...source } }) {
      const { kept, findings } = await runtime.pipelines.put(name, source, strict === undefined ? {} : { strict })
      if (!kept) throw toInvalidError(findings)
      return { name, ...kept, findings }
    },
  }),
  route({
    method: 'get',
    path: '/pipelines',
    scope: 'read',
    summary: 'List uploaded pipelines by owner and name',
    query: z.object(page),
    answer: { about: 'a page of pipelines', schema: listOf(pipelineSummary) },
    errors: ['bad_cursor'],
    handle: async ({ runtime, query }) => pageOf(await runtime.pipelines.list(query), query.limit, cursorOfPipeline),
  }),
  route({
    method: 'get',
    path: '/pipelines/{name}',
    scope: 'read',
    summary: 'Show the text and the versions of an uploaded pipeline',
    params,
    query: version,
    answer: { about: 'the newest version, or the requested one', schema: pipelineDocument },
    errors: ['not_found'],
    handle: ({ runtime, params, query }) => runtime.pipelines.get(params.name, query),
  }),
  route({
    method: 'delete',
    path: '/pipelines/{name}',
    scope: 'run',
    summary: 'Delete an uploaded pipeline; its runs continue',
    params,
    answer: { about: 'the pipeline is deleted', schema: params },
    errors: ['not_found'],
    async handle({ runtime, params }) {
      await runtime.pipelines.remove(params.name)
      return params
    },
  }),
  route({
    method: 'post',
    path: '/pipelines/{name}/runs',
    scope: 'run',
    summary: 'Start a run of an uploaded pipeline',
    params,
    body: runRequest,
    idempotent: true,
    answer: {
      about: 'the run is durable and starts',
      status: 202,
      schema: started,
      location: ({ id }) => `/v1/runs/${encodeURIComponent(id)}`,
    },
    errors: ['not_found', 'invalid_pipeline', ...INPUT_FAULTS, 'busy', 'storage'],
    handle: ({ runtime, params, body, made }) =>
      runtime.runs.start({ ...body, pipeline: params.name, ...(made && { id: `run_${made.slice(0, 32)}` }) }),
  }),
]
