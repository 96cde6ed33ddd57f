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
import { parseExact } from '../../kernel/json.ts'
import type { SchemaIssue } from '../../kernel/schema-issues/issue-words.ts'
import { type ValidationIssue, validationIssues } from '../../kernel/schema-issues/validation-issues.ts'
import type { EffectClass } from '../../kernel/types.ts'
import { errorWordsOf } from '../../model/call/error-words.ts'
import { badResult } from '../bad-result.ts'
import { isEndUnknown } from '../once/unknown-end.ts'
import { loginRequired } from './oauth/grant.ts'
import { plainText } from './settings.ts'
import { unreadableIn } from './transport/read-line.ts'
import type { ResultFault, WholeResult } from './transport/tool-result.ts'

/** A request that failed, as far as it is known. */
type FailedRequest = {
  readonly server: string
  /** what was asked for, such as the name of a tool */
  readonly what: string
  readonly signal: AbortSignal
  /** why the connection ended, if it did */
  readonly fault: Error | undefined
  /** the effect class of a call; absent: a request that may be repeated */
  readonly effect?: EffectClass
}

/** The error of a request: antiphon's where there is one, and `unknown` for an unanswered at-most-once call. */
export function failureOf(error: unknown, { server, what, signal, fault, effect }: FailedRequest): Error {
  if (signal.aborted)
    return is(signal.reason) ? (signal.reason as Error) : new CancelledError(`The call of ${what} was cancelled.`)
  const known = fault ?? oursIn(error) ?? translated(error, server)
  const isSent = (error as SdkFailure | undefined)?.code !== 'NOT_CONNECTED'
  if (effect !== 'at-most-once' || !isSent || !leavesOpen(known)) return known
  return new UnknownError(`Whether ${what} acted is unknown: ${known.message}`, { cause: known })
}

/** Answers that cannot be read, and errors of antiphon about a server that fell silent: it got the request. */
const SILENT: readonly string[] = ['bad_response', 'response_too_large', 'mcp_gone', 'timeout']

/** Whether a request that was sent and failed so may have acted, as for `isEndUnknown`. */
const leavesOpen = (error: Error): boolean => isEndUnknown(error) || (is(error) && SILENT.includes(error.code))

function oursIn(error: unknown): Error | undefined {
  return [error, (error as Error | undefined)?.cause].find((one) => is(one)) as Error | undefined
}

const MAX_DETAILS = 1000

/** An error of the SDK. Its classes exist once per copy, so their fields tell. */
type SdkFailure = {
  readonly name?: string
  readonly code?: string | number
  readonly status?: number
  /** what a server says besides its message */
  readonly data?: unknown
}

function translated(error: unknown, server: string): Error {
  const { name, code, status, data } = error as SdkFailure
  const unread = unreadableIn(data)
  if (unread !== undefined)
    return new TerminalError(
      `The MCP server ${server} sent a reply that is not a message of the protocol: ${plainText(unread, MAX_DETAILS)}`,
      { code: 'bad_response', hint: 'A message is valid JSON on one line. The log of a server belongs on its stderr.' },
    )
  const details =
    typeof code !== 'number' || data === undefined ? '' : ` ${plainText(JSON.stringify(data), MAX_DETAILS)}`
  const said = plainText(wordsOf(error), MAX_DETAILS) + details
  // a number is the code of JSON-RPC: the server answered
  if (typeof code === 'number')
    return new TerminalError(`The MCP server ${server} refuses: ${said}`, {
      code: 'mcp_refused',
      hint: `To see what its tools take: antiphon mcp tools ${server} --json`,
    })
  if (typeof status === 'number') return ofStatus(server, status, wordsOfStatus(status, error))
  if (name === 'InsufficientScopeError')
    return loginRequired(server, `the token lacks a scope (${said})`, 'add it to `oauth: { scopes }`, then ')
  if (code === 'REQUEST_TIMEOUT') return new TimeoutError(`The MCP server ${server} did not answer in time.`)
  if (code === 'CONNECTION_CLOSED' || code === 'NOT_CONNECTED')
    return new RetryableError(`The connection to the MCP server ${server} ended.`, { code: 'mcp_gone' })
  if (code === 'CAPABILITY_NOT_SUPPORTED')
    return new TerminalError(`The MCP server ${server} asks for something that antiphon refuses: ${said}`, {
      code: 'mcp_refused',
      hint: 'antiphon answers no sampling and no elicitation in the middle of a call',
    })
  const isOdd = name === 'SyntaxError' || name === 'ZodError' || ODD_CODES.includes(String(code))
  if (isOdd) return oddMessage(server, said, error)
  return new TerminalError(`The MCP server ${server} failed: ${said}`, {
    code: 'bad_response',
    hint: ODD_HINT,
    cause: error,
  })
}

const ODD_HINT = 'Check that `url` or `command` names an MCP server.'

/** The error for an answer that the protocol does not have. */
export const oddMessage = (server: string, said: string, cause?: unknown) =>
  new TerminalError(`The MCP server ${server} sent something other than a message of the protocol: ${said}`, {
    code: 'bad_response',
    hint: ODD_HINT,
    cause,
  })

/** The result of a call; an error for what is not the result of a tool. The call was made, unless that is not said. */
export function answerIn(call: string, result: WholeResult | ResultFault): WholeResult {
  if (!('fault' in result)) return result
  const fault = plainText(result.fault, MAX_DETAILS)
  const hint =
    'The server has to answer a call with `{ content: [{ type: text, text: … }] }`; `isError: true` says that it failed.'
  if (result.made) throw badResult(call, fault, { hint })
  throw new TerminalError(`${call} got an answer other than the result of a tool: ${fault}`, {
    code: 'bad_response',
    hint,
  })
}

const ODD_CODES = ['CLIENT_HTTP_UNEXPECTED_CONTENT', 'INVALID_RESULT']

/** The words of an error. The SDK writes the issues of its schema as JSON, in or as its message. */
function wordsOf(error: unknown): string {
  const { message } = problemOf(error)
  const at = message.search(/\[\s*\{/)
  const issues = at >= 0 && /\}\s*\]$/.test(message) ? issuesIn(message.slice(at)) : undefined
  if (!issues) return message
  const before = message.slice(0, at).replace(/\$?ZodError: $/, '')
  // the value is not known here: what the schema expects says enough
  const [{ path, ...fault }] = validationIssues(issues, undefined) as [ValidationIssue]
  return `${before}${path.length > 0 ? `${path.join('.')}: ` : ''}${fault.expected ?? fault.message}`
}

function issuesIn(text: string): readonly SchemaIssue[] | undefined {
  try {
    const issues: unknown = parseExact(text)
    const isIssue = (one: unknown) => typeof (one as { readonly message?: unknown } | null)?.message === 'string'
    return Array.isArray(issues) && issues.length > 0 && issues.every(isIssue) ? issues : undefined
  } catch {
    return undefined
  }
}

const RETRYABLE = [429, 502, 503, 504]

function ofStatus(server: string, status: number, words: string): Error {
  const message = `The MCP server ${server} answered with status ${status}${words === '' ? '' : `: ${words}`}`
  if (RETRYABLE.includes(status)) return new RetryableError(message, { code: 'http_status' })
  return new TerminalError(message, { code: 'http_status', hint: hintOfStatus(server, status, words) })
}

function hintOfStatus(server: string, status: number, words: string): string | undefined {
  if (status === 401 || status === 403)
    return `Give a key: \`headers: { Authorization: Bearer secret://NAME }\`. To sign in instead: antiphon mcp login ${server}`
  const isElsewhere = status < 400 || [404, 405, 410].includes(status)
  return isElsewhere || words === ''
    ? 'Check that `url` is the address of an MCP server, such as https://mcp.example.com/mcp.'
    : undefined
}

const MAX_STATUS_WORDS = 300

/** The server's words about a status. The package of the client names the target of a redirect itself. */
function wordsOfStatus(status: number, error: unknown): string {
  const { message = '', data } = error as { readonly message?: string; readonly data?: { readonly text?: unknown } }
  if (status < 400) return plainText(message.replace(/^Error POSTing to endpoint: /, ''), MAX_STATUS_WORDS)
  if (typeof data?.text !== 'string') return ''
  const { sentence, text } = errorWordsOf({ responseBody: data.text })
  const page = (sentence ?? text).replace(/<(script|style)[\s\S]*?(?:<\/\1>|$)|<[^<>]*>/gi, ' ').replace(/\s+/g, ' ')
  return plainText(page, MAX_STATUS_WORDS)
}

export function noServer(name: string, hint: string): NotFoundError {
  return new NotFoundError(`There is no MCP server ${plainText(name, 100)}.`, { code: 'unknown_server', hint })
}
