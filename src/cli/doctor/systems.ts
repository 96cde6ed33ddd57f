import { TerminalError } from '../../errors.ts'
import type { ToolHealth } from '../../tool/plugin/health.ts'
import { type Cli, loadSetup } from '../cli.ts'
import { isWithoutNode, NOT_EXAMINED } from '../connect/cluster.ts'
import { withReader } from '../connect/session.ts'
import { withScratchRuntime } from '../connect/temporary-runtime.ts'
import { saysOfSystem } from '../render/components.ts'

/** The tools that say how the system behind them is. An error names those that do not work. */
export async function describeSystems(cli: Cli, given: string | undefined): Promise<string> {
  if (await isWithoutNode((await loadSetup(cli, given)).data)) return NOT_EXAMINED
  const all = (await askOwner(cli, given)) ?? (await withScratchRuntime(cli, ({ catalogue }) => catalogue.health()))
  const failed = all.filter(({ health }) => health === 'failed')
  if (failed.length > 0) throw new TerminalError(failed.map(saysOfSystem).join('; '), { code: 'tool_failed' })
  return all.length === 0 ? 'no tool says how the system behind it is' : all.map(saysOfSystem).join('; ')
}

/** Undefined without a data folder. */
async function askOwner(cli: Cli, given: string | undefined): Promise<readonly ToolHealth[] | undefined> {
  let all: readonly ToolHealth[] | undefined
  const where = { command: 'antiphon doctor', ...(given !== undefined && { data: given }), without: () => 0 }
  await withReader(cli, where, async ({ client }) => {
    all = await client.catalogue.health()
    return 0
  })
  return all
}
