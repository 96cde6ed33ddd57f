import { z } from 'zod'
import { maybe } from '../../document.ts'
import { id, page, priority, values } from '../../house/common-fields.ts'
import { describe, pages } from '../../house/describe.ts'
import { INPUT_FAULTS } from '../../run/facts.ts'
import { whenFields } from '../../run/later/terms.ts'
import { files, NAMES_ONE, namesOne, startedRun, whichPipeline } from '../../run/room/documents.ts'
import { pipelineOperations } from '../facts.ts'
import { plan } from '../report/plan.ts'
import { changes, pipelineDocument, pipelineSummary, uploaded, verdict } from './documents.ts'
import { cursorOfPipeline } from './port.ts'

const validation = z
  .strictObject({
    ...whichPipeline,
    inputs: maybe(values),
    strict: maybe(z.boolean()).meta({ description: 'treat unknown keys as errors' }),
  })
  .refine(namesOne, NAMES_ONE)

/** Pipelines without an upload: validate and plan. */
export const PIPELINES = describe(pipelineOperations, {
  'pipelines.validate': {
    scope: 'run',
    passes: 'trust',
    summary: 'Compile a pipeline and list the findings',
    body: validation,
    asksOnly: true,
    errors: ['local_only'],
    answer: { about: 'the findings', schema: verdict },
  },
  'pipelines.plan': {
    scope: 'run',
    passes: 'trust',
    summary: 'Show what a run would do, with estimates from earlier runs',
    body: validation,
    asksOnly: true,
    errors: ['local_only', 'tool_closed'],
    answer: { about: 'the steps by level', schema: plan },
  },
})

const removed = z.object({ name: id })

const upload = z.strictObject({
  text: z.string(),
  files: maybe(files),
  strict: maybe(z.boolean()).meta({ description: 'treat unknown keys as errors' }),
})

const version = z.object({ version: maybe(id).meta({ description: 'hash of a version' }) })

const runRequest = z.strictObject({ inputs: maybe(values), priority, ...whenFields })

/** Uploaded pipelines: upload, list, read, run, delete. */
export const UPLOADS = describe(pipelineOperations, {
  'pipelines.put': {
    scope: 'run',
    passes: 'trust',
    summary: 'Upload a pipeline; earlier versions stay available',
    body: upload,
    answer: { about: 'the pipeline is stored', schema: uploaded },
    errors: ['invalid_pipeline', 'storage'],
  },
  'pipelines.list': {
    scope: 'read',
    passes: 'filter',
    summary: 'List uploaded pipelines by owner and name',
    query: z.object(page),
    answer: pages('a page of pipelines', pipelineSummary, cursorOfPipeline),
    errors: ['bad_cursor'],
  },
  'pipelines.get': {
    scope: 'read',
    passes: 'owner',
    summary: 'Show the text and the versions of an uploaded pipeline',
    query: version,
    answer: { about: 'the newest version, or the requested one', schema: pipelineDocument },
    errors: ['not_found'],
  },
  'pipelines.remove': {
    scope: 'run',
    passes: 'owner',
    summary: 'Delete an uploaded pipeline; its runs continue',
    answer: { about: 'the pipeline is deleted', schema: removed },
    errors: ['not_found'],
  },
  'pipelines.start': {
    scope: 'run',
    summary: 'Start a run of an uploaded pipeline',
    body: runRequest,
    idempotent: true,
    answer: {
      about: 'the run is durable and starts',
      status: 202,
      schema: startedRun,
      location: ({ id }) => `/v1/runs/${encodeURIComponent(id)}`,
    },
    errors: ['not_found', 'invalid_pipeline', 'tool_closed', ...INPUT_FAULTS, 'busy', 'queue_busy', 'storage'],
  },
})

/** A run beside the present text of its pipeline. */
export const CHANGES = describe(pipelineOperations, {
  'pipelines.changes': {
    scope: 'read',
    summary: 'List the steps that differ between the current file and the pipeline of the run',
    answer: { about: 'the steps', schema: changes },
    errors: ['not_found'],
  },
})
