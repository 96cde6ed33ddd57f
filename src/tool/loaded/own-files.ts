import { join } from 'node:path'
import { isModulePath } from '../../lib/package/leaf.ts'
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
  readonly use?: readonly string[]
  readonly environment: Parameters<typeof trustFile>[0]
}

/** Files and folders of antiphon itself: calls that a model chose may not touch them. */
export function ownFiles({
  folder,
  data,
  file,
  plugins,
  phases = [],
  use = [],
  environment,
}: OwnConfig): readonly string[] {
  const beside = OWN_NAMES.map((name) => join(folder, name))
  const modules = [...plugins, ...phases, ...use.filter(isModulePath)]
  return [data, ...modules, ...(file === undefined ? [] : [file]), ...beside, trustFile(environment)]
}
