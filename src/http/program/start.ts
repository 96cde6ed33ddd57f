import { basename } from 'node:path'
import { type Config, loadConfig } from '../../config/config.ts'
import { mcpServing } from '../../config/mcp-serving.ts'
import { InvalidError, TerminalError } from '../../errors.ts'
import type { Hook } from '../../hook/definition.ts'
import { findPackagesFrom } from '../../lib/package/optional.ts'
import { toInvalidError } from '../../pipeline/language/diagnostics/finding.ts'
import { createRuntime } from '../../runtime/open/create-runtime.ts'
import type { RuntimeParts } from '../../runtime/open/parts.ts'
import { takesTurns } from '../server/dev-turn.ts'
import type { App } from './app.ts'
import { collected } from './load/collect.ts'
import { type OwnerBudgets, type Prices, withBudgets, withPrices } from './money.ts'
import { type AppPipelines, sourceOf } from './targets.ts'

/** The parts of a program, and the place of its data. */
export type StartOptions<Pipeline extends string = string> = RuntimeParts & {
  /** the folder in which the search for antiphon.yaml begins, upwards; absent: the current folder. No file is needed */
  readonly folder?: string
  /** the data folder; absent: `.antiphon` in the project */
  readonly data?: string
  /** extensions, beside those of antiphon.yaml: names of packages, and paths of modules in the project */
  readonly use?: readonly string[]
  /** dollars for a million tokens, by model; a budget needs them. A price in antiphon.yaml comes first */
  readonly prices?: Prices
  /** dollars that each owner may spend: `day`, `hour`, or `owner` in total. A budget in antiphon.yaml comes first */
  readonly budgets?: OwnerBudgets
  /** your pipelines by name, each the path of a file or a text; `app.run(name)` runs them */
  readonly pipelines?: AppPipelines<Pipeline>
  /**
   * webhooks that come in, by name: `POST /v1/hooks/NAME`. They count in the process that owns the data folder. A hook
   * of that name in antiphon.yaml comes first
   */
  readonly hooks?: { readonly [name: string]: Hook }
  /**
   * ends what this process has started before in the same data folder, and takes its place with the new code: for hot
   * reload (Vite, Next.js). Absent: a further `start` in one process works through the first one
   */
  readonly reload?: boolean
}

/**
 * Opens the runtime of a program and resumes the work that an earlier process left. If another process owns the data
 * folder, the program works through that process, and takes its place when it ends.
 * @throws InvalidError if a part is wrong; an error of code `owned` if the owner does not answer, `other_version` if it
 * is another version of antiphon
 */
export async function start<Pipeline extends string = never>(
  options: StartOptions<Pipeline> = {},
): Promise<App<Pipeline>> {
  checkOptions(options)
  const taken = collected(options)
  if (taken) return taken
  const { folder = '.', data, use, pipelines = {}, prices = {}, budgets, hooks, reload = false, ...parts } = options
  const place = { folder, environment: process.env, ...(data !== undefined && { data }) }
  const withMoney = (written: Config) => withBudgets(withPrices(withExtensions(written, use), prices), budgets)
  const { ANTIPHON_CHECK_CODE: check } = process.env
  if (check) {
    const { checkAndExit } = await import('../server/check-start.ts')
    const { withHooks } = await import('../../hook/settings.ts')
    return checkAndExit(check, async () => withHooks(withMoney(await loadConfig(place)), hooks), parts)
  }
  const [{ openApp }, { connect }, { checkCodeOf }, { programCode }, { openInTurn }, { withHooks }, written] =
    await inOrder(load(place))
  // what a program imports, its process runs
  findPackagesFrom(written.folder)
  const code = programCode(parts)
  const config = withHooks(withMoney(written), hooks)
  if (takesTurns()) {
    // a definition that is refused leaves the version before at work
    const { openDefinitions } = await import('../server/check-start.ts')
    await openDefinitions(config, { ...parts, notice: () => {} })
  }
  const notice = parts.notice ?? ((line: string) => process.emitWarning(line))
  return openInTurn(config.data, reload, async (onStop) => {
    const connection = await connect(
      {
        data: config.data,
        mcp: mcpServing(config),
        ...(config.restate && { restate: config.restate }),
        ...(config.serve && { serve: config.serve }),
        open: (owner, overrides) => createRuntime(config, { ...parts, ...overrides, ...(owner && { owner }) }),
      },
      { command: basename(process.argv[1] ?? 'a program'), checkCode: checkCodeOf(code), notice, onStop },
    )
    const app = openApp(connection, { config, agents: parts.agents ?? [], code, pipelines, notice })
    try {
      if ((parts.around || parts.strategies) && !app.runtime) throw elsewhere()
      if (parts.onEnd && !app.runtime) throw endsElsewhere()
      // another owner checks them when they run: it may have other tools
      if (app.runtime) for (const name of Object.keys(pipelines)) await checkPipeline(app, sourceOf(pipelines, name))
      return app
    } catch (error) {
      await app.stop()
      throw error
    }
  })
}

/** Loads the settings, and what is loaded late, so that a tool's import of this package stays cheap. */
const load = (from: Parameters<typeof loadConfig>[0]) =>
  Promise.all([
    import('./app.ts'),
    import('./connection.ts'),
    import('./check-code.ts'),
    import('../../agent/room/agents/program-code.ts'),
    import('./reload.ts'),
    import('../../hook/settings.ts'),
    loadConfig(from),
  ])

let loaded: Promise<unknown> = Promise.resolve()

/** Gives what was loaded in the order of the calls: of several starts, the last one takes the place of the others. */
function inOrder<T>(loading: Promise<T>): Promise<T> {
  const turn = Promise.allSettled([loaded, loading]).then(() => loading)
  loaded = turn.catch(() => {})
  return turn
}

function withExtensions(config: Config, use: readonly string[] = []): Config {
  if (!Array.isArray(use) || !use.every((name) => typeof name === 'string' && name !== ''))
    throw new InvalidError('start: Expected a list of names of packages and of paths of modules.', {
      place: { path: 'use' },
    })
  return use.length === 0 ? config : { ...config, use: [...new Set([...(config.use ?? []), ...use])] }
}

const OPTIONS: { readonly [Option in keyof StartOptions]-?: true } = {
  agents: true,
  tools: true,
  use: true,
  workflows: true,
  pipelines: true,
  hooks: true,
  reload: true,
  prices: true,
  budgets: true,
  folder: true,
  data: true,
  models: true,
  sandboxes: true,
  around: true,
  strategies: true,
  phases: true,
  actors: true,
  owns: true,
  notice: true,
  acceptLoss: true,
  engine: true,
  onEnd: true,
}

/** A program without types may misspell an option, which would then have no effect. */
function checkOptions(options: object): void {
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(OPTIONS, key))
  if (unknown === undefined) return
  throw new InvalidError(`start: the option \`${unknown}\` is unknown.`, {
    place: { path: unknown },
    hint: `Known options: ${Object.keys(OPTIONS).join(', ')}.`,
  })
}

/** Rules and strategies of a program that only visits an owner would not hold there. */
const elsewhere = () =>
  new TerminalError('Another process owns the data folder: rules and strategies given here would not hold there.', {
    code: 'other_code',
    hint: 'Start this program first. Rules may be a module that antiphon.yaml names: around: ./rules.ts',
  })

const endsElsewhere = () =>
  new TerminalError('Another process owns the data folder, and work ends there: `onEnd` would not be called.', {
    code: 'other_code',
    hint: 'Start this program first, or name a receiver under notify: in antiphon.yaml.',
  })

async function checkPipeline(app: App, which: Parameters<App['pipelines']['validate']>[0]): Promise<void> {
  const { valid, findings } = await app.pipelines.validate(which)
  if (!valid) throw toInvalidError(findings)
}
