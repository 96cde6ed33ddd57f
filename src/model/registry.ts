import type { LanguageModelV4 } from '@ai-sdk/provider'
import { TerminalError } from '../errors.ts'
import { type CallSecrets, environmentSecrets } from '../secret/environment-secrets.ts'
import type { Environment } from '../secret/redaction.ts'
import { secondsAtMost } from './audio/duration.ts'
import { speak, transcribe } from './audio/speech.ts'
import { createKindCalls } from './call/call-kind.ts'
import { failureOf } from './call/failure.ts'
import { generateReply } from './call/generate.ts'
import { catalogueOf, isLocal, priceOf } from './catalogue/catalogue.ts'
import type { ModelConfig } from './catalogue/model-config.ts'
import { offersBy } from './catalogue/offers.ts'
import { resolveName } from './catalogue/resolve-name.ts'
import { readSettings, type Settings } from './catalogue/settings.ts'
import { type Choice, choose, judge } from './choose/choose.ts'
import type { ModelFacts, ModelNeeds } from './choose/model-facts.ts'
import { costOf, costOfRecording, costOfSpeech } from './cost/price.ts'
import { NO_USAGE, spentOn, withSpent } from './cost/usage.ts'
import { offlineEmbedder } from './embed/local-embedder.ts'
import { embedTexts, LONGEST_TEXT } from './embed/provider-embedder.ts'
import { keptVectors } from './embed/vector-cache.ts'
import { EXTRACTIVE_ID, formatModelId, parseModelId } from './model-id.ts'
import type { Models } from './models.ts'
import { extractiveModel } from './offline/provider.ts'
import { findProvider, makeModel, openProviders, timeoutsOf, wantedModel } from './open-providers.ts'
import { createForms, type Forms } from './prompt/model-forms.ts'
import { ownModel } from './provider/sdk-provider.ts'
import { checkFiles } from './request/files.ts'
import type { GenerateOptions, ModelReply, ModelRequest, Usage } from './request/request.ts'

/** Models that a program brings itself, by id: any model of an AI SDK provider, or a scripted one in tests. */
export type OwnModels = { readonly [id: string]: LanguageModelV4 }

/** The models of a configuration, an environment (see readSettings) and a program; InvalidError when they contradict each other. Loads no provider. */
export function createModels(
  config: ModelConfig,
  environment: Environment,
  own: OwnModels = {},
  secrets: CallSecrets = environmentSecrets(environment),
): Models {
  const settings = readSettings(config, environment)
  const encoder = config.embedder === 'none' ? undefined : offlineEmbedder()
  const ready = new Map(
    Object.entries(own).map(([id, model]) => [formatModelId(parseModelId(id)), ownModel(id, model)]),
  )
  ready.set(EXTRACTIVE_ID, extractiveModel(encoder))
  const known = catalogueOf(config, settings, Object.keys(own))
  const providers = openProviders(config, settings, environment, secrets)
  const find = (name: string) => resolveName(name, known, settings)
  const resolve = (id: string = settings.default.id) => {
    const wanted = wantedModel(find(id) ?? id, ready.keys())
    return ready.get(formatModelId(wanted)) ?? makeModel(wanted, providers, [...ready.keys()])
  }
  resolve()
  const findKind = (id: string) => findProvider(find(id) ?? id, providers, settings)
  const call = createKindCalls({ find: findKind, redact: secrets.redact })
  const remote = embedderId(config)
  if (remote !== undefined) findKind(remote)
  const vectors = remote === undefined ? undefined : { model: remote, kept: keptVectors(LONGEST_TEXT) }
  const forms = createForms(config.models)
  const idOf = (name: string = settings.default.id) => find(name) ?? name
  const factsOf = (id: string) => known.find((facts) => facts.id === id)
  const costIn = (id: string, usage: Usage) => costOf(factsOf(id), usage)
  const soundFacts = (name: string) => factsOf(idOf(name))
  const allowPaid = config.paidModels ?? isYes(environment.ANTIPHON_PAID_MODELS)
  return {
    default: settings.default.offline && !encoder ? byWords(settings.default) : settings.default,
    list: () => listModels(known, settings, Object.keys(own)),
    resolve,
    find,
    choose: (needs) => chooseAmong(known, needs, allowPaid),
    judge: (needs) => judge(known, needs, allowPaid),
    facts: () => known,
    offersOf: offersBy(known, config.models),
    fallback(needs) {
      const listed = (config.fallbackModels ?? []).flatMap((name) => find(name) ?? [])
      const others = needs ? listed : listed.filter((id) => id !== settings.default.id)
      return fallbackAmong(known, needs ?? {}, allowPaid, others)
    },
    priceOf: (name = settings.default.id) =>
      priceOf(formatModelId(wantedModel(find(name) ?? name, ready.keys())), known, settings),
    formOf: async ({ model, form }) => forms(formatModelId(parseModelId(idOf(model))), form),
    async generate(request, options) {
      const id = idOf(request.model)
      checkFiles(request.files ?? [])
      const timed = { timeouts: timeoutsOf(id, settings), ...options }
      const { redact } = secrets
      return withCost(generate({ ...request, model: id }, timed, { resolve, redact, forms }), costIn)
    },
    embed: async (request, options) => withCost(embedTexts(call, request, options), costIn),
    async transcribe(request, options) {
      const transcript = await transcribe(call, request, options)
      const seconds = transcript.seconds || secondsAtMost(request.audio)
      return costing(transcript, costOfRecording(soundFacts(transcript.model), seconds))
    },
    speak: async (request, options) =>
      withCost(speak(call, request, options), (model) => costOfSpeech(soundFacts(model), request.text)),
    ...(vectors ? { vectors } : encoder && { embedder: encoder }),
    close: async () => encoder?.close(),
  }
}

type CostIn = (model: string, usage: Usage) => number | undefined

/** What a call came to, with what it cost. */
async function withCost<T extends { readonly model: string; readonly usage?: Usage }>(
  called: Promise<T>,
  costIn: CostIn,
): Promise<T & { readonly cost?: number }> {
  const reply = await called.catch((error: unknown) => {
    throw priced(error, costIn)
  })
  return costing(reply, costIn(reply.model, reply.usage ?? NO_USAGE))
}

const costing = <T extends object>(reply: T, cost: number | undefined): T & { readonly cost?: number } =>
  cost === undefined ? reply : { ...reply, cost }

/** What a failed call took costs as well. */
function priced(error: unknown, costIn: CostIn): unknown {
  const spent = spentOn(error)
  const cost = spent && costIn(spent.model, spent.usage)
  return cost === undefined ? error : withSpent(error as object, { ...spent!, usage: NO_USAGE, cost })
}

type Parts = {
  readonly resolve: Models['resolve']
  readonly redact: CallSecrets['redact']
  readonly forms: Forms
}

async function generate(
  request: ModelRequest & { readonly model: string },
  options: GenerateOptions,
  { resolve, redact, forms }: Parts,
): Promise<ModelReply> {
  let { model } = request
  try {
    options.signal.throwIfAborted()
    const answering = resolve(model)
    model = formatModelId(parseModelId(model))
    return await generateReply(model, answering, request, options, await forms(model, request.form))
  } catch (error) {
    throw failureOf(error, { model, redact, signal: options.signal, now: Date.now() })
  }
}

const isYes = (text = '') => /^(?:1|true|yes|on)$/i.test(text)

function chooseAmong(known: readonly ModelFacts[], needs: ModelNeeds, allowPaid: boolean): Choice {
  const choice = choose(known, needs, allowPaid)
  if ('id' in choice) return choice
  const why = choice.refused.map(({ id, why }) => `${id}: ${why.join(', ')}`).join('; ')
  const how = 'describe more under `models:` in antiphon.yaml, or write `fallback_strategy: best_available`'
  throw new TerminalError(`no model meets what is asked (${why}); ${how}`, { code: 'no_eligible_model' })
}

function fallbackAmong(
  known: readonly ModelFacts[],
  needs: ModelNeeds,
  allowPaid: boolean,
  listed: readonly string[],
): readonly string[] {
  if (listed.length === 0) return listed
  const judged = judge(known, needs, allowPaid)
  const able = new Set(judged.flatMap(({ id, fits }) => (fits ? id : [])))
  return [...new Set(listed)].filter((id) => able.has(id))
}

/** Without sentence vectors, it says so. */
function byWords(chosen: Models['default']): Models['default'] {
  return { ...chosen, why: `${chosen.why}; passages are ranked by words alone (BM25)` }
}

/** The provider's embedder that is configured; the offline model keeps its own, and works without a network. */
function embedderId({ embedder = 'offline' }: ModelConfig): string | undefined {
  return embedder === 'offline' || embedder === 'none' ? undefined : formatModelId(parseModelId(embedder))
}

function listModels(known: readonly ModelFacts[], settings: Settings, own: readonly string[]) {
  const servers = Object.keys(settings.providers).map((name) => `${name}/*`)
  const ids = [EXTRACTIVE_ID, settings.default.id, ...own, ...servers]
  return [...new Set(ids)].map((id) => ({ id, offline: isLocal(id, known, settings) }))
}
