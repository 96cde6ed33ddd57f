import { realpath } from 'node:fs/promises'
import type { Transport } from '@modelcontextprotocol/client'
import { RetryableError, TerminalError } from '../../../errors.ts'
import type { Sandboxes } from '../../../sandbox/choose.ts'
import { findProgram } from '../../../sandbox/process/find-program.ts'
import { runProcess, type Talk } from '../../../sandbox/process/run-process.ts'
import { closedPaths, closedRoot, withoutClosed } from '../../roots.ts'
import { plainText, type StdioServer } from '../settings.ts'
import { expanded, resolvedTexts, type Variables } from '../variables.ts'
import { lineTransport } from './lines.ts'

/** ms for a server to end by itself once its input has ended. */
const GRACE_MS = 1000

const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'TZ', 'TERM', 'TMPDIR']

export type StdioParts = {
  readonly variables: Variables
  readonly sandboxes: () => Promise<Sandboxes>
  /** files and folders of antiphon itself, which a sandbox does not show */
  readonly closed: readonly string[]
  /** receives messages for people */
  readonly notice: (line: string) => void
}

/** A transport that knows why it ended. */
export type EndingTransport = Transport & {
  /** why the connection ended; undefined while it is open, and after `close` */
  fault(): Error | undefined
}

/** Starts a stdio server in a process group, sandboxed if its settings say so, and exchanges lines of JSON. */
export async function stdioTransport(name: string, server: StdioServer, parts: StdioParts): Promise<EndingTransport> {
  const controller = new AbortController()
  const lines = lineTransport(name, parts.notice)
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
    throw new TerminalError(`The MCP server ${name} cannot start: there is no program ${plainText(program!, 200)}.`, {
      code: 'mcp_unreachable',
      hint: 'Install it, or correct `command`.',
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
  return new RetryableError(`The MCP server ${name} has ended: ${how}${said}`, { code: 'mcp_gone' })
}
