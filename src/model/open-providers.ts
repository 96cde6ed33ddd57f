import type { LanguageModelV4 } from '@ai-sdk/provider'
import { InvalidError } from '../errors.ts'
import { nearestWord } from '../lib/suggest.ts'
import type { CallSecrets } from '../secret/environment-secrets.ts'
import type { EnvironmentVariables } from '../secret/redaction.ts'
import type { KindContext } from './call/call-kind.ts'
import { CALL_FAULTS } from './call/failure-kinds.ts'
import type { ModelConfig, ModelSettings } from './catalogue/model-config.ts'
import {
  formatModelId,
  looksLikeModelId,
  type ModelId,
  OFFLINE_MODEL,
  OFFLINE_PROVIDER,
  parseModelId,
  providerOfId,
} from './model-id.ts'
import { findPlainKey } from './provider/options.ts'
import type { Provider, ReadKey, ReadOptions } from './provider/provider.ts'
import { createProvider, readProviderKey, readProviderOptions } from './provider/provider.ts'
import { KEYED_PROVIDERS, PROVIDER_TYPES, type ProviderConfig } from './provider/provider-types.ts'
import type { CallTimeouts } from './request/timeouts.ts'

type Providers = ReadonlyMap<string, Provider>

/** The providers of a configuration; their packages are loaded on first use. */
export function openProviders(
  { folder = process.cwd() }: ModelConfig,
  { providers }: ModelSettings,
  environment: EnvironmentVariables,
  secrets: CallSecrets,
): Providers {
  const keyNow: ReadKey = async (name, config) => {
    const key = await readProviderKey(name, config, environment, secrets)
    if (key) secrets.learn([[name, key]])
    return key
  }
  const entries = Object.entries(providers)
  for (const [name, { options }] of entries) checkOptions(name, options)
  const settled: ReadOptions = (name, config) => readProviderOptions(name, config, secrets)
  return new Map(entries.map(([name, config]) => [name, createProvider(name, config, keyNow, folder, settled)]))
}

/** A program may pass a configuration that does not come from a file. */
function checkOptions(name: string, options: ProviderConfig['options']): void {
  const path = options && findPlainKey(options)
  if (!path) return
  throw new InvalidError(`providers.${[name, 'options', ...path].join('.')} contains a plain key.`, {
    hint: `Store it (antiphon keys set ${name}) and name it here: secret://${name}`,
  })
}

/** The provider of a model and the name it uses for it; InvalidError when there is none. */
export function findProvider(
  id: string,
  providers: Providers,
  settings: ModelSettings,
): ReturnType<KindContext['find']> {
  const wanted = parseModelId(id)
  const opened = providers.get(wanted.provider)
  if (!opened)
    throw unknownModel(
      wanted,
      [...providers.keys()].map((name) => `${name}/${wanted.name}`),
    )
  return { ...wanted, opened, timeouts: timeoutsOfModel(id, settings) }
}

/** The timeouts of a model's calls, from its provider's configuration. */
export function timeoutsOfModel(id: string, { providers }: ModelSettings): CallTimeouts | undefined {
  const provider = providerOfId(id)
  return Object.hasOwn(providers, provider) ? providers[provider]!.timeouts : undefined
}

/** Parses a model id; an invalid one is rejected with the known models as a hint. */
export function parseWantedModel(name: string, known: Iterable<string>): ModelId {
  if (looksLikeModelId(name)) return parseModelId(name)
  throw unknownModel({ provider: '', name }, [...known])
}

/** A text model of a provider; InvalidError with a suggestion when there is none. */
export function createTextModel(id: ModelId, providers: Providers, known: readonly string[]): LanguageModelV4 {
  const provider = providers.get(id.provider)
  if (provider) return provider.languageModel(id.name)
  throw unknownModel(id, [...[...providers.keys()].map((name) => `${name}/${id.name}`), ...known])
}

function unknownModel(id: ModelId, candidates: readonly string[]): InvalidError {
  if (KEYED_PROVIDERS.includes(id.provider)) return keyMissing(id)
  const wanted = id.provider === '' ? id.name : formatModelId(id)
  const providers = [...new Set([OFFLINE_PROVIDER, ...candidates.map(providerOfId), ...KEYED_PROVIDERS])]
  const isNamed = id.provider === '' || providers.includes(id.provider)
  const close = (isNamed ? undefined : nearestWord(id.provider, providers)) ?? nearestWord(wanted, candidates)
  const guess = close === undefined ? '' : `Did you mean ${close}? `
  return new InvalidError(`There is no model ${wanted}.`, {
    code: 'no_eligible_model',
    place: { path: 'model' },
    hint: `${guess}Providers: ${providers.join(', ')}; the offline one has ${OFFLINE_MODEL}. Describe another one under \`providers:\`.`,
  })
}

/** Its provider exists, but this process has no key of it. */
function keyMissing(id: ModelId): InvalidError {
  const variables = PROVIDER_TYPES[id.provider]!.keys!
  return new InvalidError(`The model ${formatModelId(id)} needs a key, and ${variables.join(' or ')} is not set.`, {
    code: CALL_FAULTS.auth.code,
    place: { path: 'model' },
    hint: `Set ${variables[0]}, or store the key: antiphon keys set ${id.provider}`,
  })
}
