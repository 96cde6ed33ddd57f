import { z } from 'zod'
import { json, maybe, type Plain } from '../../document.ts'
import { listOf } from '../../house/common-fields.ts'
import { describe } from '../../house/describe.ts'
import { workflowReport } from '../check/check-runs.ts'
import { runHistory } from '../check/run-history.ts'
import { workflowOperations } from '../facts.ts'

const workflowSummary = z
  .object({
    name: z.string(),
    description: maybe(z.string()),
    versions: z.array(z.number()).meta({ description: 'the highest first, which new runs take' }),
    input: maybe(json).meta({ description: 'JSON Schema of its input, if its schema gives one' }),
  })
  .meta({ id: 'Workflow' })

/** A workflow of the program, as a list shows it. */
export type WorkflowSummary = Plain<typeof workflowSummary>

/** Workflows: list, check. `runs.start` starts a run of one. */
export const WORKFLOWS = describe(workflowOperations, {
  'workflows.list': {
    scope: 'read',
    summary: 'List the workflows of the program',
    answer: { about: 'all workflows by name', schema: listOf(workflowSummary) },
  },
  'workflows.check': {
    scope: 'admin',
    summary: 'Replay the open runs of workflows',
    description: 'Says which versions and changes of code have open runs, and which runs wait for other code.',
    answer: { about: 'versions of the program, and those of open runs', schema: workflowReport },
  },
  'workflows.ask': {
    scope: 'run',
    summary: 'Ask a run of a workflow',
    description: 'A handler of its function answers at once, from what the run knows. Nothing changes.',
    body: z.strictObject({
      name: z.string().max(100).meta({ description: 'the name in `ctx.handle`' }),
      value: maybe(json).meta({ description: 'the question; absent: null' }),
    }),
    answer: { about: 'what the handler returned', schema: z.object({ answer: json }) },
    errors: ['not_found', 'unknown_workflow', 'unknown_question', 'question_failed', 'bad_value'],
  },
  'workflows.history': {
    scope: 'read',
    summary: 'Read the history of a run of a workflow',
    answer: { about: 'its operations with their outcomes', schema: runHistory },
    errors: ['not_found', 'too_large'],
  },
})
