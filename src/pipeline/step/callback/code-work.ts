import { TerminalError } from '../../../errors.ts'
import type { StepResult } from '../../../step/call/context.ts'
import type { PipelineContext } from '../context.ts'

/** The name of the handler of requests that code of a program makes. */
export const PROGRAM_CODE = 'code'

/** Does the work of a step that a program wrote. */
export function runCode(context: PipelineContext): Promise<StepResult> {
  const { code } = context.services
  if (code) return code.perform(context)
  throw new TerminalError('This process has no code of programs.', { code: 'unknown_tool' })
}
