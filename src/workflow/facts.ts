import type { ErrorCodes } from '../errors.ts'

export const workflowCodes = {
  unknown_workflow: { as: 'InvalidError', means: 'the program has no workflow of that name' },
  unknown_question: { as: 'InvalidError', means: 'no `ctx.handle` of the workflow has that name' },
  question_failed: { as: 'TerminalError', means: 'a workflow could not answer a question' },
  withdrawn: { as: 'CancelledError', means: 'a wait of a workflow lost its race (`ctx.race`)' },
  loop_not_alone: {
    as: 'InvalidError',
    means: 'a loop of a workflow begins while another branch of it waits',
  },
} as const satisfies ErrorCodes

export const workflowOperations = {
  'workflows.list': { method: 'get', path: '/workflows', takes: [], gives: 'items' },
  'workflows.check': { method: 'get', path: '/workflow-check', takes: [] },
  'workflows.ask': { method: 'post', path: '/runs/{run}/ask', takes: ['run', 'name', 'value'] },
  'workflows.history': { method: 'get', path: '/runs/{run}/history', takes: ['run'] },
} as const
