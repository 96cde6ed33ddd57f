import type { ProcessResult } from './process/run-process.ts'
import type { Execution, LimitName } from './sandbox.ts'

/** How a command in a sandbox ended. A limit counts only if the command failed: code may go on after a refusal. */
export function executionOf(result: ProcessResult, limit: LimitName | undefined): Execution {
  const { ended, refused, stdout, elapsed } = result
  // as a shell says that there is no such program
  const code = ended === 'refused' ? 127 : result.code
  const stderr = refused === undefined ? result.stderr : { text: refused, dropped: 0 }
  const failed = ended !== 'exit' || code !== 0
  const common = { code, stdout, stderr, elapsed }
  if (limit !== undefined && failed && ended !== 'timeout') return { ...common, ended: 'limit', limit }
  return { ...common, ended: ended === 'refused' ? 'exit' : ended }
}
