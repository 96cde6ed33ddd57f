import type { Config } from '../../config/config.ts'
import { pick } from '../../lib/json/present.ts'
import type { Configure, Setup } from '../cli.ts'
import { escapeControls } from '../terminal/escape.ts'

/** Loads configuration and runtime only when a command needs them, so that `--help` is fast. */
export const configure: Configure = async (where) => {
  const [{ loadConfig }, { mcpServing }, { createRuntime }] = await Promise.all([
    import('../../config/config.ts'),
    import('../../config/mcp-serving.ts'),
    import('../../runtime/open/create-runtime.ts'),
  ])
  const config = await loadConfig(where)
  const settings = pick(config, 'durability', 'embedder', 'ledger', 'media', 'memory', 'notify', 'replica', 'restate')
  const program = async () => (await import('../../http/program/load/read-program.ts')).readProgram(config)
  const open: Setup['open'] = async (owner, given) => {
    // a command that only reads does not need the code of the program
    const { parts, settings } = config.app !== undefined && given?.background !== false ? await program() : NO_PROGRAM
    return createRuntime(await settings(config, notice), { notice, ...parts, ...(owner && { owner }), ...given })
  }
  return {
    ...pick(config, 'folder', 'sandbox', 'serve', 'use'),
    ...settings,
    data: config.data,
    mcp: mcpServing(config),
    machine: config,
    ofChain: config,
    open,
    ...(config.app !== undefined && { program: async () => (await program()).parts }),
  }
}

const NO_PROGRAM = { parts: {}, settings: async (config: Config) => config }

const notice = (line: string) => process.stderr.write(`${escapeControls(line)}\n`)
