import { realpath } from 'node:fs/promises'
import { basename, relative, resolve } from 'node:path'
import type { Config } from '../../../config/config.ts'
import type { RuntimeParts } from '../../../runtime/open/parts.ts'
import { loadModule, moduleFault } from '../../../tool/plugin/load-module.ts'
import { isWithin } from '../../../tool/roots.ts'
import type { StartOptions } from '../start.ts'
import { collectOptions } from './collect.ts'

/** The program that antiphon.yaml names: its parts of a runtime, and the settings that it adds. */
type ProgramParts = {
  readonly parts: RuntimeParts
  /**
   * The settings of a command with the prices, budgets and hooks of the program. Tells the operator if the command
   * works in another data folder than the program.
   */
  settings<Settings extends Config>(config: Settings, notice?: (line: string) => void): Promise<Settings>
}

const LOAD_MS = 30_000
const KIND = { name: 'app', hint: 'Expected a program that calls start({ workflows, tools, agents }).' }

type Project = Pick<Config, 'app' | 'folder' | 'file'>

/** Loaded programs. A module is evaluated once, so it calls `start` once. */
const loaded = new Map<string, Promise<ProgramParts>>()

/**
 * The parts of the program that `app:` of antiphon.yaml names; none without one. The program is loaded up to its call
 * of `start`, which then does not go on.
 * @throws InvalidError for a file outside of the project folder, and for one that does not call `start`
 */
export async function readProgram(config: Project): Promise<ProgramParts> {
  const app = await programFile(config)
  if (app === undefined) return NONE
  const found = loaded.get(app) ?? load(app, config)
  loaded.set(app, found)
  found.catch(() => loaded.delete(app))
  return found
}

const NONE: ProgramParts = { parts: {}, settings: async (config) => config }

/** The file of the program; undefined: antiphon.yaml names none. InvalidError for a file outside of the project. */
export async function programFile({ app, folder, file }: Project): Promise<string | undefined> {
  if (app === undefined || (await isInside(app, folder))) return app
  throw faultOf(app, file, 'expected a file in the folder of antiphon.yaml', `That folder is ${folder}.`)
}

const faultOf = (app: string, file: string | undefined, what: string, hint = KIND.hint) =>
  moduleFault(KIND, { path: app, ...(file !== undefined && { file }) }, what, hint)

async function load(app: string, { file, folder: project }: Project): Promise<ProgramParts> {
  const late = () => faultOf(app, file, `it did not call start() within ${LOAD_MS / 1000} s`)
  const given = await collectOptions(() => loadModule({ path: app, file: app }, KIND), { ms: LOAD_MS, late })
  if (!given) throw faultOf(app, file, 'it ended and did not call start()')
  const { folder = '.', data, pipelines: _, reload: __, ...options } = given as StartOptions
  const own = data === undefined ? undefined : resolve(project, folder, data)
  const { prices = {}, budgets, hooks, ...parts } = options
  return {
    parts,
    async settings(config, notice) {
      if (own !== undefined && own !== config.data)
        notice?.(
          `${basename(app)} calls start({ data }) with ${own}, and this command works in ${config.data}. To work in the same folder, write into antiphon.yaml: data: ${relative(project, own)}`,
        )
      const [{ withPrices, withBudgets }, { withHooks }] = await Promise.all([
        import('../money.ts'),
        import('../../../hook/settings.ts'),
      ])
      return withHooks(withBudgets(withPrices(config, prices), budgets) as typeof config, hooks)
    },
  }
}

/** Whether a file is in a folder, also when links are followed. Loading a missing file fails later. */
async function isInside(file: string, folder: string): Promise<boolean> {
  const [from, to] = [await realpath(folder), await realpath(file).catch(() => file)]
  return to !== from && isWithin(from, to)
}
