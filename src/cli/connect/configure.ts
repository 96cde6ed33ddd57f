import { present } from '../../lib/json/present.ts'
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
  const { data, durability, embedder, ledger, memory, notify, restate, sandbox, serve } = config
  const settings = present({ durability, embedder, ledger, memory, notify, restate, sandbox, serve })
  const open: Setup['open'] = (owner, parts) => createRuntime(config, { notice, ...(owner && { owner }), ...parts })
  return { data, ...settings, mcp: mcpServing(config), machine: config, ofChain: config, open }
}

const notice = (line: string) => process.stderr.write(`${escapeControls(line)}\n`)
