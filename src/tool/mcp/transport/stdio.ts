import { realpath } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'
import { RetryableError, TerminalError } from '../../../errors.ts'
import type { Sandboxes } from '../../../sandbox/choose.ts'
import { findProgram } from '../../../sandbox/process/find-program.ts'
import { runProcess, type Talk } from '../../../sandbox/process/run-process.ts'
import { closedPaths, closedRoot, withoutClosed } from '../../roots.ts'
import { plainText, type StdioServer } from '../settings.ts'
import { expanded, resolvedTexts, type Variables } from '../variables.ts'

/** Maximum bytes of one message. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024

/** Maximum characters of a server's stderr in an error. */
const MAX_COMPLAINT = 1000

/** ms for a server to end by itself once its input has ended. */
const GRACE_MS = 1000

const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'TZ', 'TERM', 'TMPDIR']

/** The parts by which a stdio server starts. */
export type StdioParts = {
  readonly variables: Variables
  readonly sandboxes: () => Promise<Sandboxes>
  /** files and folders of antiphon itself, which a sandbox does not show */
  readonly closed: readonly string[]
}

/** A transport that knows why it ended. */
export type EndingTransport = Transport & {
  /** why the connection ended; undefined while it is open, and after `close` */
  fault(): Error | undefined
}

/** Starts a stdio server in its own process group, in the sandbox if its settings say so, and exchanges lines of JSON with it. */
export async function stdioTransport(name: string, server: StdioServer, parts: StdioParts): Promise<EndingTransport> {
  const controller = new AbortController()
  const lines = lineTransport(name)
  const begin = await startOf(name, server, parts)
  let ended: Promise<unknown> = Promise.resolve()
  return Object.assign(lines.transport, {
    async start() {
      const running = begin(lines.talk, controller.signal)
      ended = running.then(
        (text) => lines.end(gone(name, text, lines.complaint())),
        (error: Error) => lines.end(error),
      )
      lines.onFault(() => controller.abort())
    },
    async close() {
      lines.closed()
      const timer = setTimeout(() => controller.abort(), GRACE_MS)
      await ended
      clearTimeout(timer)
    },
  })
}

/** Runs the server to its end and says how it ended. */
type Begin = (talk: Talk, signal: AbortSignal) => Promise<string>

async function startOf(
  name: string,
  server: StdioServer,
  { variables, sandboxes, closed }: StdioParts,
): Promise<Begin> {
  const { environment } = variables
  const [program, ...args] = [server.command, ...server.args].map((word) => expanded(word, server, environment))
  const own = await resolvedTexts(server.env, server, variables)
  if (server.sandbox) return sandboxed(server, [program!, ...args], own, { sandboxes, closed })
  const inherited = Object.fromEntries(
    INHERITED.flatMap((key) => (environment[key] === undefined ? [] : [[key, environment[key]]])),
  )
  const all = { ...inherited, ...own }
  const path = await findProgram(program!, server.cwd, all.PATH ?? '/usr/bin:/bin')
  if (path === undefined)
    throw new TerminalError(`the MCP server ${name} cannot start: there is no program ${plainText(program!, 200)}`, {
      code: 'mcp_unreachable',
      hint: 'install it, or correct `command`',
    })
  return async (talk, signal) => {
    const { ended, code, refused } = await runProcess({
      words: [path, ...args],
      folder: server.cwd,
      environment: all,
      signal,
      talk,
    })
    if (ended === 'refused') return `it did not start: ${refused}`
    return ended === 'exit' ? `it ended with code ${code}` : `it ended by a signal (code ${code})`
  }
}

async function sandboxed(
  { cwd, write }: StdioServer,
  command: readonly [string, ...string[]],
  environment: { readonly [name: string]: string },
  { sandboxes, closed }: Pick<StdioParts, 'sandboxes' | 'closed'>,
): Promise<Begin> {
  const folder = await realpath(cwd)
  const hidden = await closedPaths({ root: folder, roots: closed.map(closedRoot) })
  const mounts = await withoutClosed([{ path: folder, write }], hidden)
  const sandbox = await (await sandboxes()).open({ mounts })
  return async (talk, signal) => {
    try {
      const { ended, code, limit } = await sandbox.run(command, { talk, signal, environment, folder })
      return limit === undefined ? `it ended (${ended}, code ${code})` : `it exceeded its limit of ${limit}`
    } finally {
      await sandbox.close()
    }
  }
}

function gone(name: string, how: string, complaint: string): Error {
  const said = complaint === '' ? '' : `: ${complaint}`
  return new RetryableError(`the MCP server ${name} has ended: ${how}${said}`, { code: 'mcp_gone' })
}

/** Splits messages into lines. After the first message, a line that is not JSON ends the connection. */
function lineTransport(name: string) {
  let stdin: Writable | undefined
  let fault: Error | undefined
  let isOver = false
  let hasMessage = false
  let noise = ''
  let complaint = ''
  let onFault = () => {}
  const early: string[] = []

  function finish(reason: Error | undefined): void {
    if (isOver) return
    isOver = true
    fault = reason
    stdin?.end()
    transport.onclose?.()
  }

  function fail(reason: Error): void {
    finish(reason)
    onFault()
  }

  function hear(line: string): void {
    if (isOver || line.trim() === '') return
    const message = messageIn(line)
    if (message) {
      hasMessage = true
      transport.onmessage?.(message)
      return
    }
    noise = plainText(line, 200)
    // many servers greet before their first message
    if (hasMessage) fail(notJson(name, noise))
  }

  const talk: Talk = (streams) => {
    stdin = streams.stdin
    // the server has ended: its process reports that
    stdin.on('error', () => {})
    for (const line of early.splice(0)) stdin.write(line)
    streams.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString('utf8')).slice(-MAX_COMPLAINT)
    })
    readLines(streams.stdout, hear, () => fail(tooLong(name)))
  }

  const transport: Transport & { fault(): Error | undefined; stderr: null; pid: null } = {
    // the SDK recognises a stdio transport by these two
    stderr: null,
    pid: null,
    fault: () => fault,
    async start() {},
    async close() {},
    async send(message: JSONRPCMessage) {
      if (isOver) throw fault ?? new RetryableError(`the MCP server ${name} has ended`, { code: 'mcp_gone' })
      const line = `${JSON.stringify(message)}\n`
      if (stdin) stdin.write(line)
      else early.push(line)
    },
  }

  return {
    transport,
    talk,
    complaint: () => plainText([noise, complaint].filter((text) => text !== '').join(' '), MAX_COMPLAINT),
    onFault: (act: () => void) => (onFault = act),
    end: finish,
    closed: () => finish(undefined),
  }
}

function messageIn(line: string): JSONRPCMessage | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as JSONRPCMessage) : undefined
  } catch {
    return undefined
  }
}

function readLines(stream: Readable, hear: (line: string) => void, tooMuch: () => void): void {
  let parts: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    let rest = chunk
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8')
      parts = []
      size = 0
      rest = rest.subarray(end + 1)
      hear(line)
    }
    size += rest.length
    if (size > MAX_MESSAGE_BYTES) {
      parts = []
      size = 0
      tooMuch()
    } else if (rest.length > 0) parts.push(rest)
  })
}

const notJson = (name: string, line: string) =>
  new TerminalError(`the MCP server ${name} wrote something other than JSON: ${line}`, {
    code: 'bad_response',
    hint: 'a server writes messages only to its standard output; its log belongs on stderr',
  })

const tooLong = (name: string) =>
  new TerminalError(`the MCP server ${name} sent a message of more than ${MAX_MESSAGE_BYTES} bytes`, {
    code: 'response_too_large',
    hint: 'ask the server for less',
  })
