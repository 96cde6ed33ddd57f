/**
 * The configuration: reads `antiphon.yaml`, `models.yaml`, `.mcp.json` and the environment into one checked record.
 * Everything below gets its settings from this record. A room adds its keys in its own `settings.ts`.
 */

import { existsSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { InvalidError } from '../errors.ts'
import { pick, present } from '../lib/json/present.ts'
import { isModulePath } from '../lib/package/leaf.ts'
import type { ModelEntry } from '../model/catalogue/model-config.ts'
import type { PromptForm } from '../model/prompt/prompt-form.ts'
import type { ProviderConfig } from '../model/provider/provider-types.ts'
import type { LogConfig } from '../observe/log/settings.ts'
import type { HealthLimits } from '../observe/metrics/health.ts'
import type { TelemetryConfig } from '../observe/otel/settings.ts'
import type { EnvironmentVariables } from '../secret/redaction.ts'
import type { McpSettings } from '../tool/mcp/settings.ts'
import type { PoolSettings, ResourceSettings } from '../worker/scaling/policy.ts'
import { DATA_FOLDER_HINT, dataFolderFault } from './data-folder.ts'
import { type EngineOverrides, type RestateConfig, resolveRestate } from './engine.ts'
import type { ModelsFile } from './models-file.ts'
import type { ConfigFile, RoomSettings } from './schema.ts'
import { DEFAULT_SERVE, type ServeConfig } from './serve.ts'
import { writableFolders } from './writes.ts'

/** Everything a runtime is made from; all paths are absolute. */
export type Config = RoomSettings & {
  /** the antiphon.yaml it was read from, if there is one */
  readonly file?: string
  /** the folder of that file, else the requested folder */
  readonly folder: string
  readonly model?: string
  readonly providers: { readonly [name: string]: ProviderConfig }
  readonly models?: readonly ModelEntry[]
  /** the preferred model per task, and fallbacks for unknown names */
  readonly firstFor?: { readonly [word: string]: string }
  readonly fallbackModels?: readonly string[]
  readonly paidModels?: boolean
  readonly embedder?: string
  /** the program of this project, whose workflows, tools and agents commands know */
  readonly app?: string
  /** modules with tools */
  readonly plugins: readonly string[]
  /** extensions: names of packages, and paths of modules; absent: none */
  readonly use?: readonly string[]
  /** the module with the rules of the house; absent: there are none */
  readonly around?: string
  /** modules with phases of asks; absent: none */
  readonly phases?: readonly string[]
  /** folders that tools may use */
  readonly roots: readonly string[]
  /** folders inside the roots; elsewhere, a write that a model chose waits for a person; absent: it waits everywhere */
  readonly writes?: readonly string[]
  /** the data folder */
  readonly data: string
  /** the Restate server; absent: the engine libsql in the data folder */
  readonly restate?: RestateConfig
  /** acknowledged work survives: power: a power failure (default) · process: only a crash, which is faster */
  readonly durability?: 'power' | 'process'
  /** the object store with the copy of the data folder, and the seconds between two additions; absent: there is none */
  readonly replica?: NonNullable<ConfigFile['replica']>
  /** number of cores to use, also a fraction; absent: as many as are detected. ANTIPHON_CORES overrides it */
  readonly cores?: number
  /** defaults for all pools, and overrides by pool id */
  readonly pool: PoolSettings & PatienceSetting
  readonly pools?: { readonly [id: string]: PoolSettings & PatienceSetting & { readonly form?: PromptForm } }
  /** seconds that work waits for the provider of a model; absent: 15 minutes */
  readonly patience?: number
  /** resources shared by pools: providers, memory, GPU slots */
  readonly resources?: { readonly [name: string]: ResourceSettings }
  /** where traces, metrics and log lines go; the variables of OpenTelemetry override it */
  readonly telemetry?: TelemetryConfig & LogConfig
  /**
   * MiB that stay free on the disk of the data folder: with less, no
   * new work is accepted; absent: a twentieth of the disk, at most 256
   */
  readonly reserve?: number
  /** retention of finished work: days and number of runs, dead letters, audit */
  readonly retention: {
    readonly runs: number
    readonly runDays: number
    readonly deadLetterDays: number
    readonly auditDays: number
  }
  /** reply cache: lifetime in s; MiB in memory and on disk; an optional Redis server */
  readonly cache?: {
    readonly ttl?: number
    readonly memory?: number
    readonly disk?: number
    readonly redis?: string
  }
  /** limits beyond which the process counts as degraded */
  readonly health?: HealthLimits
  /** limits of the HTTP server; absent: DEFAULT_SERVE */
  readonly serve?: ServeConfig
  /** addresses that tools may reach beside public ones; a search service or a proxy may be private */
  readonly web?: NonNullable<ConfigFile['web']>
  /** sandboxes for foreign code, in the order in which they are tried, and their limits, in bytes and seconds */
  readonly sandbox?: NonNullable<ConfigFile['sandbox']>
  /** the search service; `key` names a secret */
  readonly search?: NonNullable<ConfigFile['search']>
  /** which calls that a model chose wait for a person; absent: those that may do harm */
  readonly tools?: NonNullable<ConfigFile['tools']>
  /** the tools and the files of pipelines that are offered over the Model Context Protocol, as they are written */
  readonly mcp?: NonNullable<ConfigFile['mcp']>
  /** servers of the Model Context Protocol, by name: those of antiphon.yaml, and those of .mcp.json beside it */
  readonly mcpServers?: McpSettings
  readonly environment: EnvironmentVariables
}

/** seconds that the work of a pool waits for its provider; absent: the setting of all pools, otherwise `patience` */
type PatienceSetting = { readonly patience?: number }

/**
 * `folder` is where the search starts. `data`, relative to it, overrides ANTIPHON_DATA, which overrides the file; the
 * same holds for `engine` and `log`.
 */
export type ConfigRequest = {
  readonly folder: string
  readonly data?: string
  readonly engine?: EngineOverrides
  readonly log?: LogConfig
  /** the default for metrics if the file does not set them */
  readonly metrics?: boolean
  readonly environment: EnvironmentVariables
}

const CONFIG_FILE = 'antiphon.yaml'
const MISNAMED_CONFIG_FILE = 'antiphon.yml'
const MODELS_FILE = 'models.yaml'
const MISNAMED_MODELS = 'models.yml'
const DEFAULT_RETENTION = { runs: 10_000, runDays: 30, deadLetterDays: 30, auditDays: 90 }

/**
 * Loads the configuration for a folder: its antiphon.yaml or that of the nearest parent, else the
 * defaults; with models.yaml beside it, or in the folder itself.
 * @throws InvalidError with file, line and column for an unknown or invalid setting, and for a
 * misspelled antiphon.yml or models.yml
 */
export async function loadConfig(request: ConfigRequest): Promise<Config> {
  checkRequest(request)
  const start = resolve(request.folder)
  const file = await findFile(start)
  const { given, rooms } = file === undefined ? { given: {}, rooms: {} } : await read(file)
  const folder = file === undefined ? start : dirname(file)
  const { plugins = [], around, phases, roots = ['.'], writes = [], pool = {}, retention, serve, app, use } = given
  const described = await describedModels({ file, folder }, given)
  const allRoots = roots.map((path) => resolve(folder, path))
  const restate = resolveRestate(request.engine ?? {}, given, { folder, file })
  return {
    ...(file !== undefined && { file }),
    folder,
    ...described,
    ...(app !== undefined && { app: resolve(folder, app) }),
    plugins: plugins.map((path) => resolve(folder, path)),
    ...(use && { use: use.map((name) => (isModulePath(name) ? resolve(folder, name) : name)) }),
    ...(around !== undefined && { around: resolve(folder, around) }),
    ...(phases && { phases: phases.map((path) => resolve(folder, path)) }),
    roots: allRoots,
    ...(writes.length > 0 && { writes: writableFolders(writes, allRoots, { file, folder }) }),
    data: dataFolder(request, start, folder, given),
    ...present({ restate }),
    ...telemetryFrom(request, given.telemetry),
    pool,
    ...pick(given, 'model', 'paidModels', 'embedder', 'durability', 'replica', 'cores', 'pools', 'resources', 'cache'),
    ...pick(given, 'patience', 'reserve', 'health', 'web', 'sandbox', 'search', 'tools', 'mcp'),
    retention: { ...DEFAULT_RETENTION, ...retention },
    ...rooms,
    ...(serve && { serve: { ...DEFAULT_SERVE, ...serve } }),
    ...(await serversIn(folder, given.mcpServers)),
    environment: request.environment,
  }
}

function telemetryFrom({ log, metrics }: ConfigRequest, telemetry: ConfigFile['telemetry']): Pick<Config, 'telemetry'> {
  if (!telemetry && !log && metrics === undefined) return {}
  return { telemetry: { ...(metrics !== undefined && { metrics }), ...telemetry, ...log } }
}

// the YAML and schema libraries are loaded when there is a file to read
async function read(file: string): Promise<{ readonly given: ConfigFile; readonly rooms: RoomSettings }> {
  const [{ readConfigFile }, { roomSettingsIn }] = await Promise.all([import('./read-file.ts'), import('./schema.ts')])
  const given = await readConfigFile(file)
  return { given, rooms: roomSettingsIn(given) }
}

/** The path of the antiphon.yaml, if one was found. */
type ConfigLocation = { readonly file: string | undefined; readonly folder: string }

/** Merges the models of antiphon.yaml and models.yaml. antiphon.yaml takes precedence. */
async function describedModels(
  { file, folder }: ConfigLocation,
  { models, providers, fallbackModels, modelsFile }: ConfigFile,
) {
  const described = resolve(folder, modelsFile ?? MODELS_FILE)
  const isAbsent = modelsFile === undefined && !existsSync(described)
  // without an antiphon.yaml anybody may have written it
  if (isAbsent && file !== undefined && existsSync(join(folder, MISNAMED_MODELS))) throw misnamedModels(folder)
  const found: ModelsFile = isAbsent ? {} : await (await import('./models-file.ts')).readModelsFile(described)
  const all = together(models, found.models)
  const allowed = fallbackModels ?? found.fallbackModels
  return {
    providers: { ...found.providers, ...providers },
    ...(all && { models: all }),
    ...(found.firstFor && { firstFor: found.firstFor }),
    ...(allowed && { fallbackModels: allowed }),
  }
}

const MCP_FILE = '.mcp.json'

/** The servers of antiphon.yaml, and those of .mcp.json that have other names. */
async function serversIn(folder: string, own: ConfigFile['mcpServers']): Promise<Pick<Config, 'mcpServers'>> {
  const file = join(folder, MCP_FILE)
  const isFound = existsSync(file)
  if (!isFound && !own) return {}
  const [{ serverConfigs }, { readMcpFile }] = await Promise.all([import('./mcp-schema.ts'), import('./mcp-file.ts')])
  const found = isFound ? await readMcpFile(file, folder) : {}
  return { mcpServers: { ...found, ...serverConfigs(own ?? {}, folder) } }
}

function together(own: readonly ModelEntry[] = [], found: readonly ModelEntry[] = []) {
  const taken = new Set(own.map(({ id }) => id))
  const all = [...own, ...found.filter(({ id }) => !taken.has(id))]
  return all.length > 0 ? all : undefined
}

/** The folder of the nearest antiphon.yaml, here or in a parent; else the given folder. */
export async function findProjectFolder(folder: string): Promise<string> {
  const file = await findFile(resolve(folder))
  return file === undefined ? resolve(folder) : dirname(file)
}

/** A program without types may leave out what the configuration needs. */
function checkRequest({ folder, environment }: Partial<ConfigRequest> = {}): void {
  const lacks =
    typeof folder !== 'string'
      ? 'the path of a folder as `folder`'
      : environment || 'the variables of the process as `environment`'
  if (typeof lacks !== 'string') return
  const hint = "For example: loadConfig({ folder: '.', environment: process.env })."
  throw new InvalidError(`loadConfig: expected ${lacks}.`, { hint })
}

async function findFile(folder: string): Promise<string | undefined> {
  const file = join(folder, CONFIG_FILE)
  if (await isThere(file)) return file
  if (await isThere(join(folder, MISNAMED_CONFIG_FILE))) throw misnamed(folder)
  return dirname(folder) === folder ? undefined : findFile(dirname(folder))
}

function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

// its settings would be ignored silently
function misnamed(folder: string): InvalidError {
  return new InvalidError(`The configuration must be named ${CONFIG_FILE}: this file is not read.`, {
    place: { file: join(folder, MISNAMED_CONFIG_FILE) },
    hint: `Rename it to ${CONFIG_FILE}.`,
  })
}

function misnamedModels(folder: string): InvalidError {
  return new InvalidError(`The file of models must be named ${MODELS_FILE}: this file is not read.`, {
    place: { file: join(folder, MISNAMED_MODELS) },
    hint: `Rename it to ${MODELS_FILE}, or name it in ${CONFIG_FILE}: \`modelsFile: ${MISNAMED_MODELS}\`.`,
  })
}

/** A path from the command line is relative to the current folder; one from the file, to the file. */
function dataFolder({ data, environment }: ConfigRequest, start: string, folder: string, given: ConfigFile): string {
  const said = data || environment.ANTIPHON_DATA
  if (!said) return resolve(folder, given.data ?? '.antiphon')
  const fault = dataFolderFault(said)
  if (fault !== undefined) throw new InvalidError(`Data folder: ${fault}`, { hint: DATA_FOLDER_HINT })
  return resolve(start, said)
}
