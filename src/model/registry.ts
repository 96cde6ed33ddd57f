import type { LanguageModelV4 } from '@ai-sdk/provider'
import { distance } from 'fastest-levenshtein'
import { InvalidError } from '../errors.ts'
import { type Embedder, offlineEmbedder } from './embed.ts'
import { extractiveModel } from './extractive/provider.ts'
import { failureOf } from './failure.ts'
import { generateReply } from './generate.ts'
import { EXTRACTIVE, EXTRACTIVE_ID, OFFLINE } from './names.ts'
import { providerModel } from './providers.ts'
import { type Environment, readSettings, type Settings } from './settings.ts'
import { formatModelId, type ModelConfig, type ModelId, type Models, parseModelId } from './spec.ts'

/** Models that a program brings itself, by id: any model of an AI SDK provider, or a scripted one in tests. */
export type OwnModels = { readonly [id: string]: LanguageModelV4 }

/** The models of a configuration, an environment (see readSettings) and a program; InvalidError when they contradict each other. Loads no provider. */
export function createModels(config: ModelConfig, environment: Environment, own: OwnModels = {}): Models {
  const settings = readSettings(config, environment)
  const embedding = lazyEmbedder(config)
  const ready = new Map(Object.entries(own).map(([id, model]) => [formatModelId(parseModelId(id)), model]))
  ready.set(EXTRACTIVE_ID, extractiveModel(embedding.get))
  const resolve = (id: string = settings.default.id) => {
    const wanted = parseModelId(id)
    return ready.get(formatModelId(wanted)) ?? makeModel(wanted, settings, [...ready.keys()], environment)
  }
  resolve()

  return {
    default: settings.default,
    list: () => listModels(settings, Object.keys(own)),
    resolve,
    async generate(request, options) {
      const id = formatModelId(parseModelId(request.model ?? settings.default.id))
      const context = { model: id, secrets: secretsOf(settings, environment), signal: options.signal }
      try {
        options.signal.throwIfAborted()
        return await generateReply(id, resolve(id), request, options)
      } catch (error) {
        throw await failureOf(error, { ...context, now: Date.now() })
      }
    },
    close: embedding.close,
  }
}

/** The embedder starts with the first call that ranks. */
function lazyEmbedder({ embedder: wanted = OFFLINE }: ModelConfig) {
  let made: { readonly embedder: Embedder | undefined } | undefined
  return {
    get: () => {
      made ??= { embedder: wanted === OFFLINE ? offlineEmbedder() : undefined }
      return made.embedder
    },
    close: async () => made?.embedder?.close(),
  }
}

function makeModel(
  id: ModelId,
  { providers }: Settings,
  known: readonly string[],
  environment: Environment,
): LanguageModelV4 {
  const provider = Object.hasOwn(providers, id.provider) ? providers[id.provider] : undefined
  if (provider) return providerModel(id, provider, environment)
  throw unknownModel(id, [...Object.keys(providers).map((name) => `${name}/${id.name}`), ...known])
}

function unknownModel(id: ModelId, candidates: readonly string[]): InvalidError {
  const wanted = formatModelId(id)
  const close = [...candidates].sort((a, b) => distance(a, wanted) - distance(b, wanted))[0]
  const guess = close !== undefined && distance(close, wanted) <= 3 ? `Did you mean ${close}? ` : ''
  const openai = id.provider === 'openai' ? 'Set OPENAI_API_KEY, or OPENAI_BASE_URL for another server. ' : ''
  const providers = [OFFLINE, ...new Set(candidates.map((candidate) => candidate.split('/')[0]!))]
  return new InvalidError(`there is no model ${wanted}`, {
    place: { path: 'model' },
    hint: `${guess}${openai}Providers: ${[...new Set(providers)].join(', ')}; the offline one has ${EXTRACTIVE}.`,
  })
}

function listModels(
  { providers, default: chosen }: Settings,
  own: readonly string[],
): { id: string; offline: boolean }[] {
  const ids = [EXTRACTIVE_ID, chosen.id, ...own, ...Object.keys(providers).map((name) => `${name}/*`)]
  return [...new Set(ids)].map((id) => ({ id, offline: id === EXTRACTIVE_ID }))
}

function secretsOf({ providers }: Settings, environment: Environment): string[] {
  const keys = Object.values(providers).map(({ keyEnv }) => keyEnv && environment[keyEnv])
  return keys.filter((key) => key !== undefined).filter((key) => key !== '')
}
