import {
  CancelledError,
  is,
  NotFoundError,
  problemOf,
  RetryableError,
  TerminalError,
  TimeoutError,
  UnknownError,
} from '../../errors.ts'
import type { EffectClass } from '../../kernel/types.ts'
import { loginRequired } from './oauth/grant.ts'
import { plainText } from './settings.ts'

/** A request that failed, as far as it is known. */
export type FailedRequest = {
  readonly server: string
  /** what was asked for, such as the name of a tool */
  readonly what: string
  readonly signal: AbortSignal
  /** why the connection ended, if it did */
  readonly fault: Error | undefined
  /** the effect class of a call; absent: a request that may be repeated */
  readonly effect?: EffectClass
}

/** The error of a request: that of antiphon where there is one, and `unknown` for an at-most-once call that got no answer. */
export function failureOf(error: unknown, request: FailedRequest): Error {
  const { server, what, signal, fault, effect } = request
  if (signal.aborted)
    return is(signal.reason) ? (signal.reason as Error) : new CancelledError(`the call of ${what} was cancelled`)
  const known = fault ?? oursIn(error) ?? translated(error, server)
  if (effect !== 'at-most-once' || !leavesOpen(known)) return known
  return new UnknownError(`${known.message}; whether ${what} acted is unknown, and it is not called again`, {
    cause: known,
  })
}

/** Whether a request that failed so may have acted. */
function leavesOpen(error: Error): boolean {
  return is(error) && (!error.terminal || error.code === 'bad_response' || error.code === 'response_too_large')
}

function oursIn(error: unknown): Error | undefined {
  return [error, (error as Error | undefined)?.cause].find((one) => is(one)) as Error | undefined
}

/** An error of the SDK. Its classes exist once per copy, so their fields tell. */
type SdkFailure = { readonly name?: string; readonly code?: string | number; readonly status?: number }

function translated(error: unknown, server: string): Error {
  const { name, code, status } = error as SdkFailure
  const said = plainText(problemOf(error).message)
  // a number is the code of JSON-RPC: the server answered
  if (typeof code === 'number')
    return new TerminalError(`the MCP server ${server} refuses: ${said}`, {
      code: 'mcp_refused',
      hint: `what its tools take: antiphon mcp tools ${server} --json`,
    })
  if (typeof status === 'number') return ofStatus(server, status)
  if (name === 'InsufficientScopeError')
    return loginRequired(server, `the token lacks a scope (${said})`, 'add it to `oauth: { scopes }`, then ')
  if (code === 'REQUEST_TIMEOUT') return new TimeoutError(`the MCP server ${server} did not answer in time`)
  if (code === 'CONNECTION_CLOSED' || code === 'NOT_CONNECTED')
    return new RetryableError(`the connection to the MCP server ${server} ended`, { code: 'mcp_gone' })
  if (code === 'CAPABILITY_NOT_SUPPORTED')
    return new TerminalError(`the MCP server ${server} asks for something that antiphon refuses: ${said}`, {
      code: 'mcp_refused',
      hint: 'antiphon answers no sampling and no elicitation in the middle of a call',
    })
  const isOdd = name === 'SyntaxError' || name === 'ZodError' || code === 'CLIENT_HTTP_UNEXPECTED_CONTENT'
  const what = isOdd ? 'sent something other than a message of the protocol' : 'failed'
  return new TerminalError(`the MCP server ${server} ${what}: ${said}`, {
    code: 'bad_response',
    hint: 'check that `url` or `command` names an MCP server',
    cause: error,
  })
}

const RETRYABLE = [429, 502, 503, 504]

function ofStatus(server: string, status: number): Error {
  const message = `the MCP server ${server} answers with status ${status}`
  if (RETRYABLE.includes(status)) return new RetryableError(message, { code: 'http_status' })
  const hint =
    status === 401 || status === 403
      ? `give a key: \`headers: { Authorization: Bearer secret://NAME }\`, or none, and sign in: antiphon mcp login ${server}`
      : 'check that `url` is the address of an MCP server, such as https://mcp.example.com/mcp'
  return new TerminalError(message, { code: 'http_status', hint })
}

/** The error for a server that no configuration names. */
export function noServer(name: string, hint: string): NotFoundError {
  return new NotFoundError(`there is no MCP server ${plainText(name, 100)}`, { code: 'unknown_server', hint })
}
