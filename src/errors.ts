/**
 * The errors of antiphon. Every error that is thrown on purpose belongs to this family, and crosses processes as a
 * problem, which is plain data. Throw the class that says how the runtime shall react, with a code that the folder
 * declares in its `facts.ts`.
 */

import { addDetails, detailsOf, type ErrorDetails, isError, partOf, peek, textOf, wordOf } from './lib/error-details.ts'
import { attempt } from './lib/flow/attempt.ts'
import { mapTexts } from './lib/json/map-texts.ts'
import { present } from './lib/json/present.ts'
import { firstFrame, userStack } from './lib/stack.ts'

/**
 * The error family. The class says what the runtime does: a TerminalError is never retried, others
 * may be. `code` is stable; the room that throws it says its exit code and HTTP status.
 */
const MARK = Symbol.for('antiphon.error')

type ErrorName =
  | 'TerminalError'
  | 'RetryableError'
  | 'CancelledError'
  | 'TimeoutError'
  | 'UnknownError'
  | 'InvalidError'
  | 'NotFoundError'
  | 'BusyError'
  | 'ReplayError'

/** An error as data: journaled, sent and shown. `delay` (ms) asks for a later retry; `terminal` forbids retries. */
export type Problem = {
  readonly code: string
  readonly name: string
  readonly message: string
  /** how to fix it */
  readonly hint?: string
  readonly delay?: number
  readonly terminal?: boolean
  /** the place in user code that threw, as `file:line:column` */
  readonly at?: string
  /** frames of user code, one per line, and the causes */
  readonly stack?: string
  /** a bug in a program (ReferenceError, SyntaxError, or TypeError without a cause): retried only on request */
  readonly bug?: true
  /** facts for programs; the code says which */
  readonly data?: ProblemData
  /** its cause, the errors that it joins, and its own fields */
  readonly details?: ErrorDetails
}

/** Facts that go with a code. */
type ProblemData = { readonly [field: string]: string | number | boolean }

type Options = {
  readonly code?: string
  readonly cause?: unknown
  readonly delay?: number
  readonly hint?: string | undefined
  readonly data?: ProblemData
}

/**
 * The root of all errors that antiphon throws on purpose. Test with `is(error)` or `is(error,
 * 'InvalidError')`, never with instanceof. An error inherits the hint of its cause.
 */
export class AntiphonError extends Error {
  readonly [MARK] = true
  override readonly name: string = 'AntiphonError'
  readonly code: string
  readonly terminal: boolean = false
  readonly delay?: number
  readonly hint?: string
  readonly data?: ProblemData
  constructor(message: string, options: Options = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code ?? 'internal'
    if (options.delay !== undefined) this.delay = options.delay
    if (options.data) this.data = options.data
    const hint = options.hint ?? (is(options.cause) ? options.cause.hint : undefined)
    if (typeof hint === 'string') this.hint = hint
  }
}

/** Never retried. */
export class TerminalError extends AntiphonError {
  override readonly name: ErrorName = 'TerminalError'
  override readonly terminal: boolean = true
}

/** Worth a retry, after `delay` ms if given. */
export class RetryableError extends AntiphonError {
  override readonly name: ErrorName = 'RetryableError'
}

/** The work was cancelled. */
export class CancelledError extends TerminalError {
  override readonly name: ErrorName = 'CancelledError'
  constructor(message = 'cancelled', options: Options = {}) {
    super(message, { code: 'cancelled', ...options })
  }
}

/** A time limit was reached. Retried like any failure. */
export class TimeoutError extends AntiphonError {
  override readonly name: ErrorName = 'TimeoutError'
  constructor(message: string, options: Options = {}) {
    super(message, { code: 'timeout', ...options })
  }
}

/**
 * Whether a call took place is not known. It is never retried: a call that must not be made twice waits for a person.
 * Code that makes such a call may throw it.
 */
export class UnknownError extends TerminalError {
  override readonly name: ErrorName = 'UnknownError'
  constructor(message: string, options: Options = {}) {
    super(message, { code: 'unknown', ...options })
  }
}

/** A place in a text. Line and column start at 1. */
export type ErrorPlace = Readonly<{ file?: string; line?: number; column?: number; path?: string }>

/** Invalid input; says where, and what is expected. */
export class InvalidError extends TerminalError {
  override readonly name: ErrorName = 'InvalidError'
  readonly place: ErrorPlace
  constructor(message: string, options: Options & { readonly place?: ErrorPlace } = {}) {
    super(message, { code: 'invalid_input', ...options })
    this.place = options.place ?? {}
  }
}

type ProblemText = Pick<Problem, 'code' | 'message' | 'hint'>

/** A problem that is never retried, made as data where nothing is thrown, such as in a turn. */
export const terminalProblem = ({
  code,
  name = 'TerminalError',
  message,
  hint,
}: ProblemText & { readonly name?: ErrorName }): Problem => ({
  code,
  name,
  message,
  ...present({ hint }),
  terminal: true,
})

/** The InvalidError with which a turn refuses a message. */
export const refusal = (text: ProblemText): Problem => terminalProblem({ name: 'InvalidError', ...text })

/** The BusyError with which a turn puts a message off. */
export const busyProblem = (message: string): Problem => ({ code: 'busy', name: 'BusyError', message })

/** The requested item does not exist. */
export class NotFoundError extends TerminalError {
  override readonly name: ErrorName = 'NotFoundError'
  constructor(message: string, options: Options = {}) {
    super(message, { code: 'not_found', ...options })
  }
}

/** Back-pressure: at capacity now, retry later. */
export class BusyError extends RetryableError {
  override readonly name: ErrorName = 'BusyError'
  constructor(message: string, options: Options = {}) {
    super(message, { code: 'busy', ...options })
  }
}

/** The journal and the code disagree. */
export class ReplayError extends TerminalError {
  override readonly name: ErrorName = 'ReplayError'
  constructor(message: string, options: Options = {}) {
    super(message, { code: 'replay', ...options })
  }
}

/** Whether a failure is back-pressure. It does not count as an attempt and is retried without limit. */
export const isBusy = ({ code }: Pick<Problem, 'code'>): boolean => BUSY.has(code)

const BUSY: ReadonlySet<string> = new Set(['busy', 'queue_full', 'workers_unhealthy'])

/** Whether `error` belongs to the family (and has that name), across copies of this package. */
export function is(error: unknown): error is AntiphonError
export function is<Name extends ErrorName>(error: unknown, name: Name): error is Named<Name>
export function is(error: unknown, name?: ErrorName): boolean {
  if (typeof error !== 'object' || error === null) return false
  // a thrown proxy may throw on access
  return attempt(() => MARK in error && (name === undefined || (error as { name?: unknown }).name === name), false)
}

/** For the `catch` of a promise: undefined takes the place of a NotFoundError. */
export function unlessMissing(error: unknown): undefined {
  if (!is(error, 'NotFoundError')) throw error
}

type Named<Name extends ErrorName> = (Name extends 'InvalidError' ? InvalidError : AntiphonError) & {
  readonly name: Name
}

const LONGEST_MESSAGE = 8 * 1024
const shorten = (text: string) => (text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}… (cut)` : text)

/** Converts anything thrown to plain data: texts up to 8 KiB, frames of user code, causes in words. Never throws. */
export function problemOf(error: unknown): Problem {
  try {
    return isError(error) ? problemIn(error as Error) : { ...UNNAMED, message: shorten(wordsOf(error)) }
  } catch {
    return { ...UNNAMED, message: 'the thrown value cannot be read' }
  }
}

/** A problem without secrets in what people read. */
export function redactProblem(problem: Problem, redact: (text: string) => string = (text) => text): Problem {
  const { message, hint, at, stack, data, details } = problem
  return {
    ...problem,
    message: redact(message),
    ...(hint !== undefined && { hint: redact(hint) }),
    ...(at !== undefined && { at: redact(at) }),
    ...(stack !== undefined && { stack: redact(stack) }),
    ...(data && { data: mapTexts(data, redact, redact) }),
    ...(details && { details: mapTexts(details, redact, redact) }),
  }
}

const UNNAMED = { code: 'internal', name: 'Error' }

function wordsOf(thrown: unknown): string {
  const message = (thrown as { readonly message?: unknown } | null | undefined)?.message
  return typeof message === 'string' ? message : String(thrown)
}

// marks an error rebuilt from a problem: its stack is not the place of the failure
const ORIGIN = Symbol.for('antiphon.origin')
type Origin = Pick<Problem, 'at' | 'stack' | 'bug' | 'details'>

function originOf(error: Error, code: string): Origin {
  const known = peek(error, ORIGIN) as Origin | undefined
  if (BUSY.has(code)) return known ?? {}
  // its cause may be another one by now, with texts that nobody has redacted
  const details = detailsOf(error, known && { ...known.details })
  const { details: _, ...origin } = known ?? frameOf(error)
  return details ? { ...origin, details } : origin
}

function frameOf(error: Error): Origin {
  const stack = userStack(error)
  const { file, line, column } = firstFrame(stack) ?? {}
  const at = file === undefined ? {} : { at: `${file}:${line}:${column}` }
  return { ...at, ...(stack && { stack }), ...(isBug(error) && { bug: true }) }
}

const isBug = (error: object, name = wordOf(error, 'name')) =>
  name === 'ReferenceError' || name === 'SyntaxError' || (name === 'TypeError' && peek(error, 'cause') === undefined)

function problemIn(error: Error): Problem {
  const [hint, delay] = [partOf<string>(error, 'hint'), partOf<number>(error, 'delay')]
  const code = partOf(error, 'code') === undefined ? 'internal' : wordOf(error, 'code')
  const data = partOf<ProblemData>(error, 'data')
  return {
    code,
    name: wordOf(error, 'name'),
    message: shorten(textOf(peek(error, 'message'))),
    ...(hint !== undefined && { hint: shorten(hint) }),
    ...(delay !== undefined && { delay }),
    ...(partOf<true>(error, 'terminal') && { terminal: true }),
    ...(data && { data }),
    ...originOf(error, code),
  }
}

/** Rebuilds an error from a problem, with the same name, code and message on first run and replay. */
export function errorOf(problem: Problem): AntiphonError {
  const { message, name, terminal, delay, at, stack, bug, details, ...options } = problem
  const error = terminal
    ? new TerminalError(message, options)
    : new RetryableError(message, { ...options, ...(delay !== undefined && { delay }) })
  const origin: Origin = present({ at, stack, bug, details })
  if (stack !== undefined) error.stack = `${name}: ${message}\n${stack.replace(/^/gm, '    ')}\n${error.stack}`
  Object.defineProperties(error, { name: { value: name }, [ORIGIN]: { value: origin } })
  return details ? addDetails(error, details) : error
}

/**
 * The facts of an error code: its exit code and HTTP status, or the class that gives them (`as`). `means` is its line
 * in the documentation; absent: it is not listed there.
 */
export type ErrorCode = { readonly means?: string } & (
  | { readonly status: number; readonly exit: number }
  | { readonly as: ErrorName }
)
/** Error codes of a room, which it throws. */
export type ErrorCodes = { readonly [code: string]: ErrorCode }
