import { is, TerminalError } from '../errors.ts'
import type { Json } from '../kernel/schema.ts'

const RESULT = Symbol.for('antiphon.tool-failure')

/** A tool that failed and yet has something to show: `result` holds the fields it would have answered with. Never retried. */
export class ToolFailure extends TerminalError {
  readonly [RESULT] = true
  readonly result: Json
  constructor(message: string, options: { readonly code?: string; readonly result: Json }) {
    super(message, { code: options.code ?? 'tool_failed' })
    this.result = options.result
  }
}

/** What a failed tool has to show, across copies of this package; undefined for any other error. */
export function failedResult(error: unknown): Json | undefined {
  return is(error) && RESULT in error ? (error as ToolFailure).result : undefined
}
