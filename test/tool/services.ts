import { tmpdir } from 'node:os'
import { onTestFinished } from 'vitest'
import { createSandboxes, type SandboxSettings } from '../../src/sandbox/choose.ts'
import { lockFileIn } from '../../src/tool/mcp/lock-file.ts'
import { createMcpServers } from '../../src/tool/mcp/servers.ts'
import type { McpSettings } from '../../src/tool/mcp/settings.ts'
import { trustOf } from '../../src/tool/mcp/trust.ts'
import type { ToolServices } from '../../src/tool/services.ts'
import { createHostProxy } from '../../src/web/host-proxy.ts'
import type { WebSettings } from '../../src/web/policy.ts'
import { createWeb } from '../../src/web/request.ts'

/** Services as a runtime gives them to tools, for one test. */
export function services(
  settings: {
    readonly web?: WebSettings
    readonly sandbox?: SandboxSettings
    readonly search?: ToolServices['search']
    readonly mcp?: McpTestSettings
  } = {},
): ToolServices {
  const web = createWeb(settings.web)
  const openNetwork = async (hosts: readonly string[]) => createHostProxy(web, hosts)
  const sandboxes = createSandboxes(settings.sandbox, { openNetwork })
  const mcp = mcpServers(settings.mcp, { web: async () => web, sandboxes: async () => sandboxes })
  onTestFinished(async () => {
    await mcp.close()
    await web.close()
  })
  return {
    web: async () => web,
    sandboxes: async () => sandboxes,
    mcp: async () => mcp,
    ...(settings.search && { search: settings.search }),
  }
}

/** The servers of a test, with pins in `folder`; `heard` gets the lines for people. */
export type McpTestSettings = {
  readonly servers?: McpSettings
  readonly folder?: string
  readonly environment?: { readonly [name: string]: string | undefined }
  readonly secrets?: { readonly [name: string]: string }
  readonly heard?: string[]
  /** files of antiphon, which sandboxes do not show */
  readonly closed?: readonly string[]
}

function mcpServers(
  {
    servers = {},
    folder = tmpdir(),
    environment = { PATH: process.env.PATH },
    secrets = {},
    heard = [],
    closed = [],
  }: McpTestSettings = {},
  parts: Pick<ToolServices, 'web' | 'sandboxes'>,
) {
  return createMcpServers(servers, {
    ...parts,
    closed,
    lock: lockFileIn(folder),
    trust: trustOf(folder, { XDG_CONFIG_HOME: `${folder}/config`, ...environment }),
    variables: { environment, secret: async (name) => secrets[name] },
    notice: (line) => heard.push(line),
    // a server that starts slowly must not pass for one of the older revision
    timeouts: { connect: 30_000, probe: 15_000 },
  })
}
