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

type OwnModules = {
  readonly plugins: readonly string[]
  readonly around?: string
  readonly phases?: readonly string[]
  readonly use?: readonly string[]
}

/** The modules that a configuration names: all of them are loaded into this process. */
export const modulesOf = ({ plugins, around, phases = [], use = [] }: OwnModules): readonly string[] => [
  ...plugins,
  ...(around === undefined ? [] : [around]),
  ...phases,
  ...use.filter(isModulePath),
]

type OwnConfig = OwnModules & {
  readonly folder: string
  readonly data: string
  /** the configuration */
  readonly file?: string
  readonly environment: Parameters<typeof trustFile>[0]
}

/** Files and folders of antiphon itself: calls that a model chose may not touch them. */
export function ownFiles({ folder, data, file, environment, ...modules }: OwnConfig): readonly string[] {
  const beside = OWN_NAMES.map((name) => join(folder, name))
  return [data, ...modulesOf(modules), ...(file === undefined ? [] : [file]), ...beside, trustFile(environment)]
}
