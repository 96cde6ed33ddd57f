import type { Problem } from '../../errors.ts'

/** A handler or fallback that was for a failure, and why it failed itself. */
export type FailedHandler = { readonly by: string; readonly problem: Problem }

/** How many are told of one step, and of each how many characters. */
const MOST = { handlers: 20, text: 500 } as const

/** A handler that failed, as it is kept. */
export function failedHandler(by: string, { code, name, message, hint, stack }: Problem): FailedHandler {
  const problem = {
    code,
    name,
    message: message.slice(0, MOST.text),
    ...(hint !== undefined && { hint }),
    ...(stack !== undefined && { stack: stack.slice(0, MOST.text) }),
  }
  return { by: by.slice(0, MOST.text), problem }
}

/** What came of a step, with those of its handlers that failed. */
export function withFailedHandlers<T extends object>(end: T, failed: readonly FailedHandler[]): T {
  return failed.length === 0 ? end : { ...end, failedHandlers: failed.slice(0, MOST.handlers) }
}
