import type { Client, Transport } from '@modelcontextprotocol/client'
import { InvalidError } from '../../errors.ts'
import { missingPackage } from '../../lib/package/manifest.ts'
import type { McpServerSettings } from './settings.ts'
import { type HttpParts, httpTransport } from './transport/http.ts'
import { type EndingTransport, type StdioParts, stdioTransport } from './transport/stdio.ts'
import { TASKS_EXTENSION, withTasks } from './transport/tasks.ts'

/** The parts that connections need; each part is opened at first use. */
export type ConnectionParts = StdioParts & HttpParts

/** A connection to a server that has answered. */
export interface McpConnection {
  readonly client: Client
  /** whether the server speaks a revision before 2026 */
  readonly isLegacy: boolean
  /** whether it is still open */
  readonly isOpen: () => boolean
  /** why it ended, if it ended by itself */
  readonly fault: () => Error | undefined
  /** the last refused request of the server since the last check, if any */
  readonly takeRefused: () => string | undefined
  close(): Promise<void>
}

/** ms in which a server must answer for the first time: it may be a package that must be downloaded. */
const CONNECT_TIMEOUT_MS = 60_000

/** ms after which a silent stdio server counts as one with the older revision. */
const PROBE_TIMEOUT_MS = 10_000

const CLOSE_TIMEOUT_MS = 1000

export type ConnectTimeouts = { readonly connect?: number; readonly probe?: number }

/** Connects to a server. An older server that fails at an unknown request is greeted a second time, in its own way. */
export async function connect(
  name: string,
  server: McpServerSettings,
  parts: ConnectionParts,
  options: { readonly isLegacy: boolean; readonly timeouts?: ConnectTimeouts; readonly changed: () => void },
): Promise<McpConnection> {
  const sdk = await loadSdk()
  const open = () =>
    server.type === 'stdio' ? stdioTransport(name, server, parts) : httpTransport(name, server, parts, sdk)
  const transport = await open()
  try {
    return await greet(sdk, transport, options)
  } catch (error) {
    await transport.close().catch(() => {})
    if (options.isLegacy || !mayBeOlder(server, transport.fault(), error)) throw transport.fault() ?? error
  }
  const second = await open()
  try {
    return await greet(sdk, second, { ...options, isLegacy: true })
  } catch (error) {
    await second.close().catch(() => {})
    throw second.fault() ?? error
  }
}

/** Whether a server that failed at the first greeting may be an older one, which has not met such a request. */
function mayBeOlder({ type }: McpServerSettings, fault: unknown, error: unknown): boolean {
  const codeOf = (one: unknown) => (one as { readonly code?: string } | undefined)?.code
  if (type === 'stdio') return codeOf(fault) === 'mcp_gone'
  const isUnreached = codeOf((error as Error).cause) === 'web_failed'
  return codeOf(error) === 'REQUEST_TIMEOUT' || (codeOf(error) === 'ERA_NEGOTIATION_FAILED' && !isUnreached)
}

type Sdk = typeof import('@modelcontextprotocol/client')

/** The SDK; InvalidError `peer_missing` without its package. */
export const loadSdk = (): Promise<Sdk> =>
  import('@modelcontextprotocol/client').catch((cause) => {
    const message = 'MCP servers are configured, but the package @modelcontextprotocol/client cannot be loaded.'
    throw new InvalidError(message, missingPackage('@modelcontextprotocol/client', cause))
  })

async function greet(
  { Client, ProtocolError }: Sdk,
  transport: EndingTransport,
  { isLegacy, timeouts = {}, changed }: Parameters<typeof connect>[3],
): Promise<McpConnection> {
  const { connect: timeout = CONNECT_TIMEOUT_MS, probe = PROBE_TIMEOUT_MS } = timeouts
  let isOpen = true
  let refused: string | undefined
  const client = new Client(
    { name: 'antiphon', version: '1' },
    {
      // by the revision of 2026: what an older server asks in the middle of a call is refused
      capabilities: { elicitation: { form: {} }, extensions: { [TASKS_EXTENSION]: {} } },
      inputRequired: { autoFulfill: false },
      versionNegotiation: { mode: 'auto', probe: { timeoutMs: probe } },
      // antiphon checks by itself, without the patterns of strangers
      jsonSchemaValidator: {
        getValidator: () => (data) => ({ valid: true, data: data as never, errorMessage: undefined }),
      },
    },
  )
  client.fallbackRequestHandler = async ({ method }) => {
    refused = method
    throw new ProtocolError(-32_601, `antiphon refuses ${method}`)
  }
  client.setNotificationHandler('notifications/tools/list_changed', changed)
  client.onclose = () => {
    isOpen = false
  }
  await client.connect(withTasks(transport) as Transport, { timeout, ...(isLegacy && { prior: { kind: 'legacy' } }) })
  return {
    client,
    isLegacy: client.getProtocolEra() === 'legacy',
    isOpen: () => isOpen,
    fault: transport.fault,
    takeRefused() {
      const last = refused
      refused = undefined
      return last
    },
    async close() {
      isOpen = false
      await Promise.race([endSession(transport), new Promise((done) => setTimeout(done, CLOSE_TIMEOUT_MS).unref())])
      await client.close().catch(() => {})
      await transport.close().catch(() => {})
    },
  }
}

/** An HTTP server keeps a session until the client ends it. */
async function endSession(transport: Transport & { readonly terminateSession?: () => Promise<void> }): Promise<void> {
  await transport.terminateSession?.().catch(() => {})
}
