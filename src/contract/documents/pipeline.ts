import { z } from 'zod'
import { json, maybe, type Plain, time } from '../../document.ts'
import { absolutePath, id } from '../../house/common-fields.ts'
import type { Finding } from '../../pipeline/language/diagnostics/finding.ts'
import type { PipelineInputSchema } from '../../pipeline/report/input-schema.ts'

/** Texts of the files that a pipeline includes or calls. */
export const files = z
  .record(z.string().min(1).max(1000), z.string())
  .meta({ description: 'texts of included and called files, by path relative to the pipeline' })

/** The ways to name a pipeline. A request uses exactly one. */
export const whichPipeline = {
  file: maybe(absolutePath),
  source: maybe(
    z.strictObject({
      text: z.string(),
      name: maybe(z.string().min(1).max(200)).meta({ description: 'file name in findings' }),
      files: maybe(files),
    }),
  ).meta({ description: 'the pipeline as text' }),
  pipeline: maybe(id).meta({ description: 'name of an uploaded pipeline' }),
}

export function namesOne({
  file,
  source,
  pipeline,
}: { readonly [Way in keyof typeof whichPipeline]?: unknown }): boolean {
  return [file, source, pipeline].filter((one) => one !== undefined).length === 1
}
export const NAMES_ONE = 'expected exactly one of file, source and pipeline'

const finding = z
  .object({
    code: z.string() as z.ZodType<Finding['code']>,
    severity: z.enum(['error', 'warning', 'info']),
    message: z.string(),
    file: maybe(z.string()),
    line: maybe(z.number()),
    column: maybe(z.number()),
    step: maybe(z.string()),
    path: maybe(z.string()).meta({ description: 'place in the document, such as steps[0].parameters.path' }),
    hint: maybe(z.string()),
    about: maybe(z.object({ step: maybe(z.string()), field: maybe(z.string()) })),
  })
  .meta({ id: 'Finding' })

/** The id of a run that a pipeline started, and the findings that did not keep it from starting. */
export const startedRun = z
  .object({
    id: z.string(),
    warnings: maybe(z.array(finding)).meta({ description: 'warnings of the compiler' }),
  })
  .meta({ id: 'StartedRun' })

/** A started run. */
export type StartedRun = Plain<typeof startedRun>

/** The result of compiling a pipeline. */
export const verdict = z
  .object({
    file: z.string(),
    valid: z.boolean(),
    pipeline: maybe(z.string()),
    steps: maybe(z.record(z.string(), z.array(z.string()))),
    inputs: maybe(z.record(z.string(), json)).meta({
      description: 'the inputs as a JSON Schema',
    }) as unknown as z.ZodExactOptional<z.ZodType<PipelineInputSchema>>,
    findings: z.array(finding),
  })
  .meta({ id: 'Verdict' })

/** The result of compiling a file: steps with dependencies, inputs as a JSON Schema, and findings. */
export type Verdict = Plain<typeof verdict>

const summary = {
  name: z.string(),
  owner: z.string(),
  hash: z.string().meta({ description: 'hash of the newest version' }),
  createdAt: time,
  updatedAt: time,
}

export const pipelineSummary = z.object(summary).meta({ id: 'PipelineSummary' })

/** A pipeline that was uploaded, as a list shows it; times in ms since the epoch. */
export type PipelineSummary = Plain<typeof pipelineSummary>

export const pipelineDocument = z
  .object({
    ...summary,
    text: z.string(),
    files: maybe(files),
    versions: z.array(z.object({ hash: z.string(), at: time })).meta({ description: 'oldest first' }),
  })
  .meta({ id: 'PipelineDocument' })

/** A pipeline that was uploaded: the text of one of its versions, and all of them, the newest last. */
export type PipelineDocument = Plain<typeof pipelineDocument>

export const uploaded = z
  .object({
    name: z.string(),
    hash: z.string(),
    isNew: z.boolean().meta({ description: 'false: the text equals the newest version' }),
    findings: z.array(finding).meta({ description: 'warnings of the compiler' }),
  })
  .meta({ id: 'Uploaded' })

/** The result of an upload. */
export type Uploaded = Plain<typeof uploaded>
