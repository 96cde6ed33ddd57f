import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { InvalidError, RetryableError, TerminalError } from '../../errors.ts'
import { tryParseExact } from '../../kernel/json.ts'
import { endProcessGroup, signalGroup } from '../../lib/process/group.ts'
import { shown } from '../../lib/shown.ts'
import { WORKER_LOST } from '../worker.ts'
import { harmlessEnvironment, type ProcessEnvironment } from './isolated-worker.ts'

// A call that a program in any language makes. The program starts for the call, reads it as one line of JSON from its
// stdin, writes lines of JSON to its stdout, and ends. It is no sandbox: the program may do what its user may do.

/** A program in any language. */
export type Command = {
  /** the program and its arguments; no shell reads them, and nothing of a call becomes an argument */
  readonly command: readonly [string, ...string[]]
  /** the folder in which it starts; absent: that of this process */
  readonly folder?: string
  /** its environment; absent: only variables that locate programs and files */
  readonly environment?: ProcessEnvironment
  /** ms for a cancelled call to end by itself before SIGTERM, and again before SIGKILL; absent: 1 s */
  readonly grace?: number
}

/** A line of the program during a call. */
export type CommandWord = { readonly progress: unknown } | { readonly log: string }

/** Bytes of the line with the call, and of each line of the program. */
const MAX_LINE = 1024 * 1024
const TOO_LARGE = { code: 'too_large' }
const GRACE_MS = 1_000
/** Characters of its last line on stderr, which the error shows. */
const MAX_SAID = 500

/** InvalidError if a command is not a list of texts. */
export function checkCommand<Given extends Command>(given: Given): Given {
  const { command } = given
  if (Array.isArray(command) && command[0] && command.every((word) => typeof word === 'string')) return given
  throw new InvalidError(`\`command\`: expected a list of a program and its arguments, got ${shown(command)}.`, {
    place: { path: 'command' },
    hint: "Write for example command: ['python3', 'price.py'].",
  })
}

/**
 * Starts the program for one call. Resolves with its `result`.
 * @throws InvalidError if the call is larger than 1 MiB; TerminalError if the program cannot be started, or says
 * `error`; RetryableError if it says `error` with `retryable`, or ends without a result: then its cause is a broken
 * connection, so that an at-most-once call counts as unknown; the abort of `signal`
 */
export async function callCommand(
  { command: [program, ...words], folder, environment, grace = GRACE_MS }: Command,
  call: { readonly input: unknown; readonly name?: string; readonly context?: object },
  signal: AbortSignal,
  hear: (word: CommandWord) => void,
): Promise<unknown> {
  signal.throwIfAborted()
  const line = JSON.stringify(call)
  if (Buffer.byteLength(line) > MAX_LINE)
    throw new InvalidError('The call of a program is larger than 1 MiB.', TOO_LARGE)
  const child = spawn(program, words, {
    detached: true,
    env: { ...(environment ?? harmlessEnvironment(process.env)) },
    ...(folder !== undefined && { cwd: folder }),
  })
  // the program may end before it reads
  child.stdin.on('error', () => {}).write(`${line}\n`)
  const stop = stopper(child, grace)
  signal.addEventListener('abort', stop.ask)
  const whole = endProcessGroup(child)
  try {
    const end = await endOf(child, hear, stop.end)
    if ('silent' in end) signal.throwIfAborted()
    return resultOf(end, program)
  } catch (error) {
    throw child.pid === undefined ? notStarted(program, error as Error) : error
  } finally {
    signal.removeEventListener('abort', stop.ask)
    await whole
    stop.off()
  }
}

/** Ends the program in steps: its stdin closes, SIGTERM, SIGKILL. */
function stopper(child: ChildProcessWithoutNullStreams, grace: number) {
  const timers: NodeJS.Timeout[] = []
  const later = (times: number, signal: NodeJS.Signals) =>
    timers.push(setTimeout(() => signalGroup(child.pid!, signal), grace * times))
  function end(): void {
    child.stdin.end()
    later(1, 'SIGTERM')
    later(2, 'SIGKILL')
  }
  return {
    end,
    ask() {
      child.stdin.write(`${JSON.stringify({ cancel: true })}\n`)
      end()
    },
    off: () => timers.forEach(clearTimeout),
  }
}

/** The last word of a program: a result or an error, or else how it ended. */
type CommandEnd =
  | { readonly result: unknown }
  | { readonly error: unknown }
  | { readonly silent: string; readonly said: string }

/** Hears the program until it has ended. Its first result or error counts. */
function endOf(
  child: ChildProcessWithoutNullStreams,
  hear: (word: CommandWord) => void,
  finish: () => void,
): Promise<CommandEnd> {
  const end = Promise.withResolvers<CommandEnd>()
  let [said, rest]: [string, string] = ['', '']
  let last: CommandEnd | undefined
  function hearLine(text: string): void {
    const line = readLine(text)
    if (last) return
    if ('log' in line || 'progress' in line) hear(line)
    else {
      last = line
      finish()
    }
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop()!
    try {
      for (const line of lines) hearLine(line)
      if (rest.length > MAX_LINE) throw new TerminalError('A line of the program is longer than 1 MiB.', TOO_LARGE)
    } catch (error) {
      end.reject(error)
      child.kill('SIGKILL')
    }
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-MAX_SAID)
  })
  child.on('error', end.reject)
  child.on('close', (code, signal) => {
    if (rest !== '') hearLine(rest)
    end.resolve(last ?? { silent: signal ?? `code ${code}`, said: said.trimEnd().split('\n').at(-1)! })
  })
  return end.promise
}

/** A line that is not of the protocol is a line of the log: programs print. */
function readLine(text: string): CommandWord | { readonly result: unknown } | { readonly error: unknown } {
  const line = tryParseExact(text)
  if (typeof line === 'object' && line !== null) {
    if ('result' in line) return { result: line.result }
    if ('error' in line) return { error: line.error }
    if ('progress' in line) return { progress: line.progress }
    if ('log' in line) return { log: String(line.log) }
  }
  return { log: text }
}

function resultOf(end: CommandEnd, program: string): unknown {
  if ('result' in end) return end.result
  if ('silent' in end) {
    const cause = Object.assign(new Error(end.said || 'It wrote no result.'), { code: 'EPIPE' })
    const why = `The program ${program} ended without a result (${end.silent}).`
    throw new RetryableError(why, { code: WORKER_LOST, cause })
  }
  const { message, code = 'tool_failed', retryable } = Object(end.error) as { readonly [field: string]: unknown }
  const Kind = retryable === true ? RetryableError : TerminalError
  throw new Kind(typeof message === 'string' ? message : `The program ${program} failed.`, { code: String(code) })
}

function notStarted(program: string, cause: Error): TerminalError {
  return new TerminalError(`The program ${program} cannot be started: ${cause.message}`, { code: 'not_started', cause })
}
