import { z } from 'zod'
import { json, maybe, type Plain, time } from '../../document.ts'
import { files } from './documents.ts'

const inputs = maybe(json).meta({ description: 'what the run was given' })

const pipelineSource = z.object({
  language: z.literal('pipeline'),
  text: maybe(z.string()).meta({ description: 'the text in YAML; absent: `missing` says why' }),
  name: maybe(z.string()).meta({ description: 'its name in findings' }),
  files: maybe(files),
  isFile: maybe(z.literal(true)).meta({ description: 'the text is a file of the server, as it is now' }),
  changed: maybe(z.literal(true)).meta({ description: 'the file has changed since the run began' }),
  steps: z
    .record(z.string(), z.object({ line: z.number(), endLine: z.number() }))
    .meta({ description: 'the lines of each step; a step in a loop is named LOOP.STEP' }),
  missing: maybe(z.string()).meta({ description: 'why the text is not shown' }),
  inputs,
})

const workflowOperation = z.object({
  id: z.string(),
  type: z.string(),
  at: maybe(z.string()).meta({ description: 'place in the program, as FILE:LINE' }),
  after: z.array(z.string()).meta({
    description: 'operations whose outcomes the function got since it began the ones before',
  }),
  began: time,
  ended: maybe(time).meta({ description: 'when the function got its outcome' }),
  until: maybe(time).meta({ description: 'when a sleep ends' }),
})

const workflowSource = z.object({
  language: z.literal('workflow'),
  workflow: z.string(),
  operations: z.array(workflowOperation).meta({ description: 'in the order in which they began' }),
  inputs,
})

export const runSource = z.union([pipelineSource, workflowSource]).meta({ id: 'RunSource' })

/** The source of a run: the text of its pipeline with the lines of its steps, or the operations of its workflow. */
export type RunSource = Plain<typeof runSource>

export type PipelineSource = Plain<typeof pipelineSource>

/** An operation of a run of a workflow: where it is written, when it began, and after which others. */
export type WorkflowSourceOperation = Plain<typeof workflowOperation>
