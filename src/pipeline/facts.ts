import type { ErrorCodes } from '../errors.ts'

export const pipelineCodes = {
  invalid_pipeline: { as: 'InvalidError', means: 'the pipeline does not compile' },
  input_required: { as: 'InvalidError', means: 'a required input is missing' },
  input_unknown: { as: 'InvalidError', means: 'the pipeline does not declare this input' },
  input_type: { as: 'InvalidError', means: 'an input has the wrong type' },
  input_choice: { as: 'InvalidError', means: 'an input is not one of the allowed values, or has the wrong form' },
  bad_value: { as: 'InvalidError', means: 'the value is not a valid answer to the open question' },
  unknown_step: { status: 400, exit: 2, means: 'the step does not exist' },
  run_over: { as: 'InvalidError', means: 'the run has ended' },
  not_waiting: { status: 409, exit: 1, means: 'nothing waits for an answer here' },
  not_shown: { status: 409, exit: 1, means: 'the approval does not name the digest of a long content' },
  not_recorded: { status: 409, exit: 2, means: 'the run has not recorded the result that should be reused' },
  strategy_failed: { as: 'TerminalError', means: 'a strategy of the program chose no step that can begin, or threw' },
  run_exists: { status: 409, exit: 2 },
  pipeline_changed: { status: 409, exit: 2 },
  secret_refused: { status: 403, exit: 1 },
} as const satisfies ErrorCodes

export const pipelineOperations = {
  'pipelines.validate': { method: 'post', path: '/pipelines/validate', takes: ['...', '...'] },
  'pipelines.plan': { method: 'post', path: '/pipelines/plan', takes: ['...', '...'] },
  'pipelines.put': { method: 'put', path: '/pipelines/{name}', takes: ['name', '...', '...'] },
  'pipelines.list': { method: 'get', path: '/pipelines', takes: ['...'], gives: 'items' },
  'pipelines.get': { method: 'get', path: '/pipelines/{name}', takes: ['name', '...'] },
  'pipelines.remove': { method: 'delete', path: '/pipelines/{name}', takes: ['name'], gives: 'nothing' },
  'pipelines.changes': { method: 'get', path: '/runs/{run}/changes', takes: ['run'] },
  // runs.start({ pipeline }) does the same
  'pipelines.start': { method: 'post', path: '/pipelines/{name}/runs' },
} as const
