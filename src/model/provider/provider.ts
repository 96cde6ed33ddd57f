import type { LanguageModelV4 } from '@ai-sdk/provider'
import { TerminalError } from '../../errors.ts'
import { type CallSecrets, environmentSecrets } from '../../secret/environment-secrets.ts'
import { SECRET_SCHEME, variableOf } from '../../secret/names.ts'
import type { EnvironmentVariables } from '../../secret/redaction.ts'
import { loadSdk } from './load.ts'
import { type ProviderOptions, secretNamesIn, withSecrets } from './options.ts'
import { KEYED_PROVIDERS, PROVIDER_TYPES, type ProviderConfig, providerTypeOf } from './provider-types.ts'
import { findSdkModel, type ModelKind, type ProviderSdk } from './sdk-provider.ts'

/** A provider; its package is loaded and its key read on the first call. */
export interface Provider {
  /** A text model of any name: only the provider knows whether it exists. */
  languageModel(name: string): LanguageModelV4
  /** A model of one kind, ready for calls; InvalidError when the provider has none. */
  model<K extends ModelKind>(kind: K, name: string): Promise<ReturnType<Required<ProviderSdk>[K]>>
}

/** Reads the current key of a provider; undefined when it needs none. */
export type ReadKey = (provider: string, config: ProviderConfig) => string | undefined | Promise<string | undefined>

/** Reads the options of a provider with their secrets resolved. */
export type ReadOptions = (provider: string, config: ProviderConfig) => Promise<ProviderOptions | undefined>

/** A provider of the configuration. It reopens when a key changes, so that a rotated key serves the next call. */
export function createProvider(
  name: string,
  config: ProviderConfig,
  keyOf: ReadKey,
  folder: string,
  optionsOf: ReadOptions = async (_, { options }) => options,
): Provider {
  let open: { readonly key: string; readonly kit: Promise<ProviderSdk> } | undefined
  const kitNow = async () => {
    const key = await keyOf(name, config)
    const options = await optionsOf(name, config)
    const keys = JSON.stringify([key, options])
    const settled = options ? { ...config, options } : config
    if (open?.key !== keys) open = { key: keys, kit: loadSdk({ name, config: settled, key, folder }) }
    const opened = open
    return opened.kit.catch((error: unknown) => {
      if (open === opened) open = undefined
      throw error
    })
  }
  const model: Provider['model'] = async (kind, id) => findSdkModel(await kitNow(), kind, name, id)
  return {
    model,
    languageModel: (id) => ({
      specificationVersion: 'v4',
      provider: name,
      modelId: id,
      supportedUrls: {},
      doGenerate: async (options) => (await model('languageModel', id)).doGenerate(options),
      doStream: async (options) => (await model('languageModel', id)).doStream(options),
    }),
  }
}

/** The environment variables for a provider's key: the first one set wins. A named secret turns the defaults off. */
export function keyVariables(config: ProviderConfig): readonly string[] {
  if (config.keyEnv !== undefined) return [config.keyEnv]
  return config.key === undefined ? (providerTypeOf(config).keys ?? []) : []
}

/** The variables that hold keys of these providers, and of those that need no configuration. */
export const allKeyVariables = (providers: { readonly [name: string]: ProviderConfig } = {}): ReadonlySet<string> =>
  new Set([...Object.values(providers), ...KEYED_PROVIDERS.map((type) => ({ type }))].flatMap(keyVariables))

/** The key of a provider now: from the environment, else the secret it names; TerminalError for a missing one. */
export function readProviderKey(
  name: string,
  config: ProviderConfig,
  environment: EnvironmentVariables,
  secrets: Pick<CallSecrets, 'get'> = environmentSecrets(environment),
): ReturnType<ReadKey> {
  const variables = keyVariables(config)
  const held = variables.find((variable) => environment[variable])
  if (held !== undefined) return environment[held]
  if (config.key !== undefined) return secretKey(name, config.key, secrets)
  const isOpen = config.keyEnv === undefined && (providerTypeOf(config).open || config.baseURL !== undefined)
  if (isOpen) return undefined
  throw new TerminalError(`Provider ${name} reads its key from ${variables.join(' or ')}, which is not set.`, {
    code: 'model_unauthorized',
    hint: `Set it, or store the key (antiphon keys set ${name}) and name it in antiphon.yaml: providers: { ${name}: { key: secret://${name} } }`,
  })
}

/** The options of a provider with their secrets, redacted from then on; TerminalError for a missing secret. */
export async function readProviderOptions(
  name: string,
  { options }: ProviderConfig,
  secrets: Pick<CallSecrets, 'get' | 'learn'>,
): Promise<ProviderOptions | undefined> {
  const named = options === undefined ? [] : secretNamesIn(options)
  if (options === undefined || named.length === 0) return options
  const found = named.map(async (secret) => [secret, await secretKey(name, SECRET_SCHEME + secret, secrets)] as const)
  const values = new Map(await Promise.all(found))
  secrets.learn([...values])
  return withSecrets(options, values)
}

async function secretKey(name: string, key: string, { get }: Pick<CallSecrets, 'get'>): Promise<string> {
  const secret = key.slice(SECRET_SCHEME.length)
  const value = await get(secret)
  if (value !== undefined) return value
  // without the secret of its own name, a known provider reads its usual variable
  const usual = secret === name && KEYED_PROVIDERS.includes(name) ? PROVIDER_TYPES[name]!.keys![0] : undefined
  throw new TerminalError(`Provider ${name} reads its key from the secret ${secret}, which does not exist.`, {
    code: 'model_unauthorized',
    hint: `Store it with \`antiphon keys set ${secret}\`, or set ${usual ?? variableOf(secret)} in the environment.`,
  })
}
