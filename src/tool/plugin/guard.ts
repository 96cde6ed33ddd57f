import { types } from 'node:util'
import { errorOf, is, problemOf, RetryableError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import { clip } from '../../lib/clip.ts'
import { hasFile, withStoredFiles } from '../files/stored-result.ts'
import type { Tool, ToolContext } from '../tool.ts'
import { checkResult } from './result.ts'
import { runPluginCode } from './stray-errors.ts'

/**
 * A tool of a plugin, whose code may do anything: its result is checked, its errors name it, and what escapes it (an
 * error of a timer, an unhandled rejection, `process.exit`) fails the call instead of the process.
 */
export function guardTool(tool: Tool): Tool {
  const { confined, prepare, undo, lookUp } = tool
  const act =
    (execute: Tool['execute']): Tool['execute'] =>
    (input, context) =>
      runGuarded(tool.name, () => execute.call(tool, input, context), {
        check: (result) => checkOrStore(tool, result, context),
        tellLate: context.tellLate,
      })
  // everything else of the tool stays as it is, also what its class inherits
  return Object.assign(Object.create(tool) as Tool, {
    execute: act(tool.execute),
    ...(confined && { confined: act(confined) }),
    ...(prepare && {
      prepare: (input: unknown, context: ToolContext) =>
        runGuarded(tool.name, () => prepare.call(tool, input, context), { tellLate: context.tellLate }),
    }),
    ...(lookUp && {
      lookUp: (...given: Parameters<typeof lookUp>) => runGuarded(tool.name, () => lookUp.apply(tool, given)),
    }),
    ...(undo && {
      undo: (...given: Parameters<typeof undo>) => runGuarded(tool.name, () => undo.apply(tool, given)),
    }),
  })
}

/** A result is checked with the references that stand for its files. */
function checkOrStore(tool: Tool, result: unknown, context: ToolContext): Json | Promise<Json> {
  if (!hasFile(result)) return checkResult(tool, result)
  return withStoredFiles(tool, result, context).then((stored) => checkResult(tool, stored))
}

/** The check of what code of a tool returns, and the listener for its errors that come after its end. */
type Guard<T, R> = {
  readonly check?: (value: T) => R | Promise<R>
  readonly tellLate?: ToolContext['tellLate'] | undefined
}

const MAX_LATE = 500

/** Runs code of a tool. An error that escapes it meanwhile is its failure. `tellLate` gets a later one. */
export function runGuarded<T, R = T>(
  name: string,
  work: () => T | Promise<T>,
  { check, tellLate }: Guard<T, R> = {},
): Promise<R> {
  return new Promise((resolve, reject) => {
    let ended = false
    const fail = (error: unknown) => {
      if (ended) {
        tellLate?.(clip(`an error came after the call of ${name} had ended: ${problemOf(error).message}`, MAX_LATE))
        return false
      }
      ended = true
      reject(escaped(name, error))
      return true
    }
    const succeed = (value: T) => {
      // an error that escaped the tool has failed the call
      if (ended) return
      ended = true
      try {
        resolve(check ? check(value) : (value as never))
      } catch (error) {
        reject(error)
      }
    }
    const failWith = (error: unknown) => {
      ended = true
      reject(named(name, error))
    }
    try {
      const result = runPluginCode({ what: name, fail }, work)
      Promise.resolve(result).then((value) => afterTurn(() => succeed(value)), failWith)
    } catch (error) {
      failWith(error)
    }
  })
}

let ending: (() => void)[] = []

/** An unhandled rejection is known after the turn that caused it. Calls that end in one turn share the wait. */
function afterTurn(end: () => void): void {
  if (ending.push(end) > 1) return
  setImmediate(() => {
    const ended = ending
    ending = []
    for (const end of ended) end()
  })
}

/** An error that came from no line that the call waits for. */
function escaped(name: string, error: unknown): unknown {
  if (is(error)) return error
  const { message, ...problem } = problemOf(named(name, error))
  return errorOf({
    ...problem,
    message: message.startsWith(name) ? message : `${name} did not catch an error: ${message}`,
  })
}

/** The error, or one that names the tool for anything else that was thrown. */
function named(name: string, thrown: unknown): unknown {
  if (thrown instanceof Error || types.isNativeError(thrown)) return thrown
  return new RetryableError(`${name} threw ${kindOf(thrown)} instead of an Error${wordsOf(thrown)}`, {
    code: 'tool_failed',
    cause: thrown,
  })
}

function kindOf(thrown: unknown): string {
  if (thrown === null || thrown === undefined) return `${thrown}`
  return typeof thrown === 'string' ? 'a text' : `${typeof thrown === 'object' ? 'an' : 'a'} ${typeof thrown}`
}

function wordsOf(thrown: unknown): string {
  if (thrown === null || thrown === undefined) return ''
  try {
    const { message } = thrown as { readonly message?: unknown }
    return `: ${typeof thrown === 'object' ? (typeof message === 'string' ? message : JSON.stringify(thrown)) : String(thrown)}`
  } catch {
    return ''
  }
}
