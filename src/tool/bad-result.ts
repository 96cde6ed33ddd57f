import { is, problemOf } from '../errors.ts'
import type { Json } from '../kernel/json.ts'
import { ToolFailure } from './tool.ts'

/** The code of a call that was made, and whose result is no good. No attempt repeats it. */
export const BAD_RESULT = 'bad_result'

/** A fault of a result: its place, how to mend it, and as much of the result as can be kept. */
type Fault = { readonly place?: string; readonly hint?: string | undefined; readonly result?: Json }

/**
 * The error of a call, or of a part of one, that was made, although its result cannot be kept, is too large or does not
 * fit. `what` is the call or the part, such as `The call of order`.
 */
export function badResult(what: string, why: string, { place = '', hint, result = null }: Fault = {}): ToolFailure {
  const at = place === '' ? '' : ` at \`${place}\``
  return new ToolFailure(`${what} was made; its result does not fit${at}: ${why.replace(/\.?$/, '.')}`, {
    code: BAD_RESULT,
    result,
    ...(hint !== undefined && { hint }),
  })
}

export const callOf = ({ name }: { readonly name: string }) => `The call of ${name}`

/** Whether an error says that the call was made. */
export const isBadResult = (error: unknown): boolean => is(error) && error.code === BAD_RESULT

/** The words of an error that came after a call was made, with the way to mend it. */
export function wordsOf(error: unknown): string {
  const { message, hint } = problemOf(error)
  return hint === undefined ? message : `${message.replace(/\.?$/, '.')} ${hint}`
}
