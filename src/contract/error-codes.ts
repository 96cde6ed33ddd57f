import type { ErrorCode, Problem } from '../errors.ts'
import { CODES } from './facts.ts'

/** A documented code. Later versions may add codes; their status is enough to react to them. */
export type FaultCode = {
  [Code in keyof typeof CODES]: (typeof CODES)[Code] extends { readonly means: string } ? Code : never
}[keyof typeof CODES]

/** The code that a description names. An error of the program if no room has it. */
export function faultCode(code: string): FaultCode {
  const known: ErrorCode | undefined = Object.hasOwn(CODES, code) ? CODES[code as keyof typeof CODES] : undefined
  if (known && 'means' in known) return code as FaultCode
  throw new Error(`There is no documented error code ${code}.`)
}

export const meaningOf = (code: FaultCode): string => CODES[code].means

/** The status of a code as the documentation says it. */
export function statusOf(code: keyof typeof CODES): number {
  const known: ErrorCode = CODES[code]
  return verdictOf({ code, name: 'as' in known ? known.as : 'Error' }).status
}

type FailureVerdict = { readonly exit: number; readonly status: number }

/** The exit code and HTTP status of an error. A code without its own: 2 and 400 for invalid input, else 1 and 500. */
export function verdictOf({ code, name }: Pick<Problem, 'code' | 'name'>): FailureVerdict {
  const known: ErrorCode | undefined = Object.hasOwn(CODES, code) ? CODES[code as keyof typeof CODES] : undefined
  if (known && 'status' in known) return { exit: known.exit, status: known.status }
  return name === 'InvalidError' ? INVALID : OTHER
}

const INVALID: FailureVerdict = { exit: 2, status: 400 }
const OTHER: FailureVerdict = { exit: 1, status: 500 }
