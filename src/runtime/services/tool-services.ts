import type { Config } from '../../config/config.ts'
import { NotFoundError } from '../../errors.ts'
import { showOnOneLine } from '../../lib/unseen.ts'
import type { Sandboxes } from '../../sandbox/choose.ts'
import type { SandboxProvider } from '../../sandbox/sandbox.ts'
import { SECRET_SCHEME } from '../../secret/names.ts'
import { ownFiles } from '../../tool/loaded/own-files.ts'
import type { GrantSecrets } from '../../tool/mcp/oauth/grant.ts'
import type { McpServers } from '../../tool/mcp/port.ts'
import type { ToolSecrets } from '../../tool/secrets.ts'
import type { ToolServices } from '../../tool/services.ts'
import type { Web } from '../../web/request.ts'

/** The services of tools, and a function that closes what they opened. */
type RuntimeToolServices = ToolServices & { close(): Promise<void> }

type ReachConfig = Pick<
  Config,
  | 'web'
  | 'sandbox'
  | 'search'
  | 'mcpServers'
  | 'folder'
  | 'environment'
  | 'data'
  | 'file'
  | 'plugins'
  | 'around'
  | 'phases'
>

type ToolServiceParts = {
  readonly providers?: readonly SandboxProvider[] | undefined
  /** receives messages for people; absent: a warning of the process */
  readonly notice?: ((line: string) => void) | undefined
}

/** Services as the configuration describes them. Nothing is loaded or opened before a tool requests it. */
export function createToolServices(
  config: ReachConfig,
  secrets: GrantSecrets,
  { providers = [], notice = warn }: ToolServiceParts = {},
): RuntimeToolServices {
  const { web: settings, sandbox, search, mcpServers, folder, environment } = config
  let web: Promise<Web> | undefined
  let sandboxes: Promise<Sandboxes> | undefined
  let mcp: Promise<McpServers> | undefined
  const key = search?.key
  const services: RuntimeToolServices = {
    web() {
      web ??= import('../../web/request.ts').then(({ createWeb }) => createWeb(settings))
      return web
    },
    sandboxes() {
      sandboxes ??= import('../../sandbox/choose.ts').then(({ createSandboxes }) =>
        createSandboxes(sandbox, { own: providers, openNetwork, notice }),
      )
      return sandboxes
    },
    mcp() {
      mcp ??= openServers()
      return mcp
    },
    ...(search && {
      search: {
        backend: search.backend,
        ...(search.url !== undefined && { url: search.url }),
        ...(search.cost !== undefined && { cost: search.cost }),
        ...(key !== undefined && { key: () => secretOf(key, secrets) }),
      },
    }),
    async close() {
      await (await mcp)?.close()
      await (await web)?.close()
    },
  }

  async function openNetwork(hosts: readonly string[]) {
    const { createHostProxy } = await import('../../web/host-proxy.ts')
    return createHostProxy(await services.web(), hosts)
  }

  async function openServers(): Promise<McpServers> {
    const [{ createMcpServers }, { lockFileIn }, { trustOf }] = await Promise.all([
      import('../../tool/mcp/servers.ts'),
      import('../../tool/mcp/lock-file.ts'),
      import('../../tool/mcp/trust.ts'),
    ])
    return createMcpServers(mcpServers ?? {}, {
      lock: lockFileIn(folder),
      trust: trustOf(folder, environment),
      variables: { environment, secret: secrets.get },
      grants: secrets,
      web: services.web,
      sandboxes: services.sandboxes,
      closed: ownFiles(config),
      notice,
    })
  }

  return services
}

const warn = (line: string) => process.emitWarning(showOnOneLine(line), { code: 'ANTIPHON_MCP' })

async function secretOf(reference: string, secrets: Pick<ToolSecrets, 'get'>): Promise<string> {
  const name = reference.slice(SECRET_SCHEME.length)
  const value = await secrets.get(name)
  if (value !== undefined) return value
  throw new NotFoundError(`There is no secret ${name}, which \`search:\` in antiphon.yaml names.`, {
    code: 'secret_missing',
    hint: `To store it: antiphon keys set ${name}`,
  })
}
