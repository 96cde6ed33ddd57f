import { errorOf, TerminalError } from '../errors.ts'
import { present } from '../lib/json/present.ts'
import type { RunDocument } from './document.ts'

/** The outputs of a run that has ended. The error of a run that failed or was cancelled is thrown. */
export function outputsOf(run: RunDocument): RunDocument['outputs'] {
  const { status, outputs, error, error_type: name, error_code: code, error_hint: hint } = run
  const { error_at: at, error_stack: stack, error_details: details } = run
  if (status === 'completed') return outputs
  if (error === null) throw new TerminalError(`The run ${run.execution_id} is ${status}.`)
  throw errorOf({
    code: code ?? 'internal',
    name: name ?? 'Error',
    message: error,
    terminal: true,
    ...present({ hint, at, stack }),
    ...(details && { details }),
  })
}
