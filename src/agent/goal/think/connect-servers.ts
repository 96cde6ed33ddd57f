import { TerminalError } from '../../../errors.ts'
import type { Effects } from '../../../kernel/types.ts'
import { toolsNamed } from '../../../tool/toolbox.ts'
import { unseenServers } from '../../context/tool-offers.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import type { AgentServices } from '../services.ts'

/** ms for a connection that another process has already recorded. */
const MAX_CONNECT_MS = 60_000

/**
 * Connects to the servers of an agent that nobody has connected to yet, so that their tools are known.
 * @throws TerminalError when a name of its list has no tool after
 *   that: an agent must not work without tools that its file names
 */
export async function connectServers(
  { toolbox, connectServers: connect }: AgentServices,
  { tools }: Pick<AgentDefinition, 'tools'>,
  effects: Effects,
): Promise<void> {
  const unseen = tools.filter((name) => unseenServers([name], toolbox).length > 0)
  if (unseen.length === 0) return
  const servers = unseenServers(unseen, toolbox)
  await effects.run('connect', ({ signal }) => connect(servers, signal), { effect: 'idempotent' })
  const left = unseenServers(unseen, toolbox)
  // another process made the connection: its pins are in the lock file
  if (left.length > 0) await connect(left, AbortSignal.timeout(MAX_CONNECT_MS))
  const lost = unseen.find((name) => toolsNamed(name, toolbox).length === 0)
  if (lost === undefined) return
  throw new TerminalError(`The file of the agent names ${lost}, and its server has no such tool.`, {
    code: 'unknown_tool',
    hint: `To list its tools: antiphon mcp tools ${servers.join(' ')}`,
  })
}
