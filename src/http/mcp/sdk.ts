import { PassThrough, type Readable } from 'node:stream'
import { TerminalError } from '../../errors.ts'
import { withExactNumbers } from '../../kernel/json.ts'
import { missingPackage } from '../../lib/package/manifest.ts'
import { readLines } from '../../tool/mcp/transport/lines.ts'

export type ServerSdk = typeof import('@modelcontextprotocol/server')

/** Loads the package at first use; TerminalError `peer_missing` where it is not installed. */
export const loadServerSdk = (): Promise<ServerSdk> => import('@modelcontextprotocol/server').catch(peerMissing)

/** The part of it that serves stdin and stdout. */
export const loadStdioSdk = (): Promise<typeof import('@modelcontextprotocol/server/stdio')> =>
  import('@modelcontextprotocol/server/stdio').catch(peerMissing)

/** The messages of a client, in which the package loses no digits of long numbers. */
export function exactLines(input: Readable): Readable {
  const lines = new PassThrough()
  const fail = () => lines.destroy(new Error('the client sent a message that is too large'))
  readLines(input, (line) => lines.write(`${withExactNumbers(line.toString('utf8'))}\n`), fail)
  input.once('end', () => lines.end())
  return lines
}

function peerMissing(cause: unknown): never {
  throw new TerminalError(
    'Serving the Model Context Protocol needs the package @modelcontextprotocol/server, which cannot be loaded.',
    missingPackage('@modelcontextprotocol/server', cause),
  )
}
