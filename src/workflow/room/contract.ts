import { z } from 'zod'
import { json, maybe, type Plain } from '../../document.ts'
import { listOf } from '../../house/common-fields.ts'
import { describe } from '../../house/describe.ts'
import { workflowOperations } from '../facts.ts'

const workflowSummary = z
  .object({
    name: z.string(),
    description: maybe(z.string()),
    input: maybe(json).meta({ description: 'JSON Schema of its input, if its schema gives one' }),
  })
  .meta({ id: 'Workflow' })

/** A workflow of the program, as a list shows it. */
export type WorkflowSummary = Plain<typeof workflowSummary>

/** Workflows: list. `runs.start` starts a run of one. */
export const WORKFLOWS = describe(workflowOperations, {
  'workflows.list': {
    scope: 'read',
    summary: 'List the workflows of the program',
    answer: { about: 'all workflows by name', schema: listOf(workflowSummary) },
  },
})
