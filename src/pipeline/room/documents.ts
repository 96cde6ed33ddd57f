import { z } from 'zod'
import { json, maybe, type Plain, time } from '../../document.ts'
import { files, finding } from '../../run/room/documents.ts'
import type { PipelineInputSchema } from '../report/input-schema.ts'

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
