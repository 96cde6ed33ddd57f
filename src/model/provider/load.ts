import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvalidError } from '../../errors.ts'
import { attempt } from '../../lib/flow/attempt.ts'
import { present } from '../../lib/json/present.ts'
import { installCommand } from '../../lib/package/manifest.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { openAICompatibleSdk } from './openai-compatible.ts'
import { isModuleFile, packageBaseName, providerTypeOf } from './provider-types.ts'
import type { ProviderSdk, ProviderSetup } from './sdk-provider.ts'
import { withStoredItems } from './stored-items.ts'

/** Loads a provider's SDK. InvalidError states what to install, or what is wrong with a module. */
export async function loadSdk(opening: ProviderSetup): Promise<ProviderSdk> {
  const { config } = opening
  const { package: name } = providerTypeOf(config)
  if (isModuleFile(config.type)) return fileKit(opening)
  return name === undefined ? openAICompatibleSdk(opening) : packageKit(name, opening)
}

async function packageKit(name: string, opening: ProviderSetup): Promise<ProviderSdk> {
  const { config } = opening
  const create = findFactory(await importPackage(name, opening), name, config.factory)
  const kit = checked(create(settingsOf(opening)), opening)
  if (config.api === 'chat') return chatOnly(kit)
  return /\/(?:openai|azure)$/.test(name) ? withStoredItems(kit, config.options) : kit
}

/** A module of the project: its default export is a provider, or a function that makes one from the settings. */
async function fileKit(opening: ProviderSetup): Promise<ProviderSdk> {
  const path = resolve(opening.folder, opening.config.type)
  const module: { readonly default?: unknown } = await import(pathToFileURL(path).href).catch((cause: unknown) => {
    throw unusable(
      opening,
      `${opening.config.type} cannot be loaded: ${cause instanceof Error ? cause.message : cause}`,
    )
  })
  const { default: made } = module
  const isMaker = typeof made === 'function' && !('languageModel' in made)
  return checked(await (isMaker ? made(settingsOf(opening)) : made), opening)
}

/** Settings that every factory of the AI SDK accepts. */
function settingsOf({ config, key }: ProviderSetup): { readonly [name: string]: unknown } {
  const baseURL = config.baseURL ?? providerTypeOf(config).baseURL
  return { ...config.options, ...present({ baseURL, apiKey: key }), fetch: boundedFetch }
}

function checked(made: unknown, opening: ProviderSetup): ProviderSdk {
  if (made !== null && made !== undefined && typeof (made as Partial<ProviderSdk>).languageModel === 'function')
    return made as ProviderSdk
  throw unusable(opening, 'it is not a provider of the AI SDK: it has no function languageModel')
}

/** Chat completions instead of the API that the provider prefers for texts. */
function chatOnly(kit: ProviderSdk & { chat?: ProviderSdk['languageModel'] }): ProviderSdk {
  const { chat } = kit
  return chat ? Object.assign(Object.create(kit) as ProviderSdk, { languageModel: chat }) : kit
}

/** The package as installed in the project, else the one of antiphon. */
async function importPackage(name: string, opening: ProviderSetup): Promise<{ readonly [name: string]: unknown }> {
  const found = [join(opening.folder, 'package.json'), import.meta.url].map((from) => pathFrom(from, name))
  const path = found.find((one) => one !== undefined)
  if (path !== undefined) return import(pathToFileURL(path).href)
  throw new InvalidError(`Provider ${opening.name} needs the package ${name}, which is not installed.`, {
    code: 'peer_missing',
    hint: installCommand(name),
  })
}

const pathFrom = (from: string, name: string): string | undefined => attempt(() => createRequire(from).resolve(name))

function unusable({ name }: ProviderSetup, what: string): InvalidError {
  return new InvalidError(`Provider ${name}: ${what}`, {
    place: { path: `providers.${name}.type` },
    hint: 'Expected a module whose default export is a provider of the AI SDK, or a function of { apiKey, baseURL, … } that makes one.',
  })
}

type ProviderFactory = (settings: { readonly [name: string]: unknown }) => unknown

/**
 * The factory in a package of the AI SDK: the named export, else `create` plus the package name,
 * else the only export that starts with create.
 * @throws InvalidError that lists the candidates if it is ambiguous
 */
export function findFactory(
  module: { readonly [name: string]: unknown },
  name: string,
  wanted?: string,
): ProviderFactory {
  const makers = Object.keys(module).filter((one) => /^create[A-Z]/.test(one) && typeof module[one] === 'function')
  const own = `create${packageBaseName(name).replaceAll(/\W/g, '')}`.toLowerCase()
  const chosen =
    wanted ?? makers.find((one) => one.toLowerCase() === own) ?? (makers.length === 1 ? makers[0] : undefined)
  if (chosen !== undefined && typeof module[chosen] === 'function') return module[chosen] as ProviderFactory
  throw new InvalidError(`The package ${name} has no ${wanted ?? 'unambiguous function that creates a provider'}.`, {
    code: 'peer_missing',
    hint: makers.length === 0 ? 'Name a package of the AI SDK.' : `Set \`factory\` to one of ${makers.join(', ')}.`,
  })
}
