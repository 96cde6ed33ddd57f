import { TerminalError } from '../../errors.ts'

/** The package of the Model Context Protocol for servers. */
export type ServerSdk = typeof import('@modelcontextprotocol/server')

const INSTALL = 'npm i @modelcontextprotocol/server@2.4.0'

/** Loads the package at first use; TerminalError `peer_missing` where it is not installed. */
export async function loadServerSdk(): Promise<ServerSdk> {
  try {
    return await import('@modelcontextprotocol/server')
  } catch (cause) {
    throw peerMissing(cause)
  }
}

/** The part of it that serves stdin and stdout. */
export async function loadStdioSdk(): Promise<typeof import('@modelcontextprotocol/server/stdio')> {
  try {
    return await import('@modelcontextprotocol/server/stdio')
  } catch (cause) {
    throw peerMissing(cause)
  }
}

function peerMissing(cause: unknown): TerminalError {
  return new TerminalError(
    'Serving the Model Context Protocol needs the package @modelcontextprotocol/server, which cannot be loaded.',
    { code: 'peer_missing', hint: INSTALL, cause },
  )
}
