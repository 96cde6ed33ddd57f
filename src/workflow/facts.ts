import type { ErrorCodes } from '../errors.ts'

/** The error codes of workflows. */
export const workflowCodes = {
  unknown_workflow: { as: 'InvalidError', means: 'the program has no workflow of that name' },
  loop_not_alone: {
    as: 'InvalidError',
    means: 'a loop of a workflow begins while another branch of it waits',
  },
} as const satisfies ErrorCodes

/** The operations of workflows. */
export const workflowOperations = {
  'workflows.list': { method: 'get', path: '/workflows', takes: [], gives: 'items' },
  'workflows.check': { method: 'get', path: '/workflow-check', takes: [] },
  'workflows.history': { method: 'get', path: '/runs/{run}/history', takes: ['run'] },
} as const
