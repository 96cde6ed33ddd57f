import type { Json } from '../../kernel/json.ts'
import { jsonFrom } from '../../kernel/kept-json.ts'
import { type Command, callCommand, checkCommand } from '../../worker/isolation/command.ts'
import type { CallContext } from '../tool.ts'
import { callForIn } from './call-for-in.ts'

/**
 * The `execute` of a tool whose calls a program in any language makes. The program starts for each call. It reads one
 * line of JSON, `{ input, context }`, from its stdin; `context` says for whom the call is, and has its
 * `idempotencyKey`. It writes lines to its stdout: `{ progress }`, `{ log }`, and one `{ result }` or
 * `{ error: { message, code, retryable } }`. A call of an at-most-once tool whose program ends without that line is
 * unknown. It is no sandbox.
 * @throws InvalidError if `command` is not a list of texts
 */
export function processCall<Output extends Json>(
  command: Command,
): (input: unknown, context: CallContext) => Promise<Output> {
  checkCommand(command)
  return async (input, context) => {
    const { idempotencyKey, signal, log, progress } = context
    const call = { input, context: { ...callForIn(context), idempotencyKey } }
    const result = await callCommand(command, call, signal, (word) =>
      'log' in word ? log?.('info', word.log) : progress?.(jsonFrom(word.progress, 'The progress of the program')),
    )
    // the schema of the tool checks it
    return jsonFrom(result, 'The result of the program') as Output
  }
}
