import { join } from 'node:path'
import { trustFile } from '../mcp/trust.ts'

/** Files and folders beside antiphon.yaml that configure antiphon. Some of them may not exist yet. */
const OWN_NAMES = [
  'antiphon.yaml',
  'models.yaml',
  'mcp.lock.json',
  '.mcp.json',
  'agents',
  'skills',
  'AGENTS.md',
  '.claude',
  '.github/agents',
  '.github/chatmodes',
]

type OwnConfig = {
  readonly folder: string
  readonly data: string
  /** the configuration */
  readonly file?: string
  readonly plugins: readonly string[]
  readonly phases?: readonly string[]
  readonly environment: Parameters<typeof trustFile>[0]
}

/** Files and folders of antiphon itself: calls that a model chose may not touch them. */
export function ownFiles({ folder, data, file, plugins, phases = [], environment }: OwnConfig): readonly string[] {
  const beside = OWN_NAMES.map((name) => join(folder, name))
  return [data, ...plugins, ...phases, ...(file === undefined ? [] : [file]), ...beside, trustFile(environment)]
}
