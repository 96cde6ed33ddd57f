import type { Config } from '../../config/config.ts'
import type { ToolServices } from '../../tool/services.ts'
import type { Toolbox } from '../../tool/toolbox.ts'

/** A function that connects to servers without pins. One that a person trusts gets pins, and the toolbox its tools. */
export function serverConnector(
  { mcpServers = {} }: Pick<Config, 'mcpServers'>,
  { mcp }: Pick<ToolServices, 'mcp'>,
  toolbox: Toolbox,
): (names: readonly string[], signal: AbortSignal) => Promise<void> {
  async function connect(name: string, signal: AbortSignal): Promise<void> {
    const [{ mcpTools }, servers] = await Promise.all([import('../../tool/mcp/tools.ts'), mcp()])
    const pins = await servers.find(name).pins(signal)
    const others = toolbox.list().filter(({ server }) => server === undefined)
    toolbox.learnServer(name, mcpTools({ [name]: mcpServers[name]! }, { [name]: pins }, others))
  }
  return async (names, signal) => {
    await Promise.all(names.map((name) => connect(name, signal)))
  }
}
