import type { LanguageModelV4 } from '@ai-sdk/provider'
import { problemOf, TerminalError } from '../errors.ts'
import { type CallSecrets, environmentSecrets } from '../secret/environment-secrets.ts'
import type { EnvironmentVariables } from '../secret/redaction.ts'
import { maxSeconds } from './audio/duration.ts'
import { speak, transcribe } from './audio/speech.ts'
import { createJsonModes, type JsonModes } from './call/call-for-json.ts'
import { createKindCaller } from './call/call-kind.ts'
import { isPictureRefused, refusalIn, toCallFailure } from './call/failure.ts'
import { CALL_FAULTS } from './call/failure-kinds.ts'
import { generateReply } from './call/generate.ts'
import { createLostItems, type LostItems } from './call/lost-items.ts'
import { type CachingOf, cachingOfModels, promptCacheFor } from './catalogue/cache-prices.ts'
import { isLocal, listModelFacts, modelWithoutKey, priceOfModel, resolveModelName } from './catalogue/catalogue.ts'
import { type ModelConfig, type ModelSettings, readModelSettings } from './catalogue/model-config.ts'
import { offersByModel } from './catalogue/offers.ts'
import { firstJsonModes, type WireOf, wiresOfModels } from './catalogue/wires.ts'
import { type ChosenModel, chooseModel, rankModels } from './choose/choose.ts'
import type { ModelFacts, ModelNeeds } from './choose/model-facts.ts'
import { costOfPictures, costOfRecording, costOfSpeech, costOfTokens } from './cost/price.ts'
import { costing, paidSeconds, withCost } from './cost/with-cost.ts'
import { localEmbedder } from './embed/local-embedder.ts'
import { embedTexts, MAX_EMBEDDED_LENGTH } from './embed/provider-embedder.ts'
import { createVectorCache } from './embed/vector-cache.ts'
import type { FileReceiver } from './files/choose-files.ts'
import { createPictureRefusals, mayShowLines, type PictureRefusals } from './files/picture-refusals.ts'
import { readFiles } from './files/read-files.ts'
import { fileReceiver } from './files/receiver.ts'
import { askWithoutRefused, type Ready } from './files/refused-files.ts'
import { formatModelId, OFFLINE_MODEL_ID, parseModelId, providerOfId } from './model-id.ts'
import type { ModelLack, Models } from './models.ts'
import { lacksOfOffers } from './offer/tool-offers.ts'
import { extractiveModel } from './offline/provider.ts'
import { createTextModel, findProvider, openProviders, parseWantedModel, timeoutsOfModel } from './open-providers.ts'
import { draw } from './picture/draw.ts'
import { createPromptForms, type PromptForms } from './prompt/model-forms.ts'
import { checkOwnModel } from './provider/sdk-provider.ts'
import { createRelay } from './relay.ts'
import { hidingCall } from './reply/hidden-reply.ts'
import { cutBy, shownModel } from './reply/shown-model.ts'
import { checkFiles, fileKindsIn, kindOfType } from './request/files.ts'
import type { GenerateOptions, ModelReply, ModelRequest, Usage } from './request/request.ts'
import { rulesOf } from './wire/rules.ts'

/** Models that a program provides, by id: any AI SDK model, or a scripted one in tests. */
export type OwnModels = { readonly [id: string]: LanguageModelV4 }

/** The models of a configuration, an environment and a program; InvalidError if they contradict. Loads no provider. */
export function createModels(
  config: ModelConfig,
  environment: EnvironmentVariables,
  own: OwnModels = {},
  secrets: CallSecrets = environmentSecrets(environment),
  notice: (line: string) => void = (line) => process.emitWarning(line),
): Models {
  const settings = readModelSettings(config, environment)
  const encoder = config.embedder === 'none' ? undefined : localEmbedder()
  const ready = new Map(
    Object.entries(own).map(([id, model]) => [formatModelId(parseModelId(id)), checkOwnModel(id, model)]),
  )
  ready.set(OFFLINE_MODEL_ID, extractiveModel(encoder))
  const findWire = wiresOfModels(config, settings, ready)
  const findCaching = cachingOfModels(config, settings, ready)
  const known = listModelFacts(config, settings, Object.keys(own), findWire, findCaching)
  // each call needs them; other models are not kept, because callers name them
  const byId = new Map(known.map((facts) => [facts.id, { facts, caching: findCaching(facts.id) }]))
  const factsOf = (id: string) => byId.get(id)?.facts
  const wireOf: WireOf = (id) => (byId.has(id) ? factsOf(id)!.wire : findWire(id))
  const cachingOf: CachingOf = (id) => (byId.has(id) ? byId.get(id)!.caching : findCaching(id))
  const offersOf = offersByModel(known, config.models)
  const refusals = createPictureRefusals((id) => factsOf(id)?.modalities !== undefined, notice)
  const receiverOf = (model: string) => fileReceiver(model, { known, offersOf, wireOf, refusals })
  const modes = createJsonModes(firstJsonModes(config, wireOf), notice)
  const [lost, tellLack] = [createLostItems(notice), oncePer(notice)]
  const tellUnheard = oncePer((id) =>
    notice(`model ${id}: its server takes no \`reasoning\`, so it thinks as it does without`),
  )
  const providers = openProviders(config, settings, environment, secrets)
  const find = (name: string) => resolveModelName(name, known, settings)
  const idOf = (name: string = settings.default.id) => find(name) ?? modelWithoutKey(name, settings) ?? name
  const resolve = (id?: string) => {
    const wanted = parseWantedModel(idOf(id), ready.keys())
    return ready.get(formatModelId(wanted)) ?? createTextModel(wanted, providers, [...ready.keys()])
  }
  checkDefault(resolve, settings.default.id)
  const findKind = (id: string) => findProvider(idOf(id), providers, settings)
  const call = createKindCaller({ find: findKind, redact: secrets.redact })
  const remote = embedderId(config)
  if (remote !== undefined) findKind(remote)
  const vectors = remote === undefined ? undefined : { model: remote, cache: createVectorCache(MAX_EMBEDDED_LENGTH) }
  const forms = createPromptForms(config.models)
  const costIn = (id: string, usage: Usage) => costOfTokens(factsOf(id), usage)
  const promptCacheOf: Models['promptCacheOf'] = ({ model, ...request }) => {
    const id = idOf(model)
    return promptCacheFor(request, factsOf(id), cachingOf(id))
  }
  const marksOf: Models['promptCacheOf'] = (request) =>
    cachingOf(idOf(request.model))?.marks ? promptCacheOf(request) : 'off'
  const soundFacts = (name: string) => factsOf(idOf(name))
  const cut = cutBy(secrets.shown)
  const allowPaid = config.paidModels ?? isYes(environment.ANTIPHON_PAID_MODELS)
  return {
    default: settings.default.offline && !encoder ? byWords(settings.default) : settings.default,
    list: () => listModels(known, settings, Object.keys(own)),
    resolve,
    find,
    lackOf: (name) => lackIn(() => resolve(name), idOf(name)),
    choose: (needs) => chooseAmong(known, needs, allowPaid),
    judge: (needs) => rankModels(known, needs, allowPaid),
    facts: () => known,
    offersOf,
    reads: (id, kind) => receiverOf(id).reads(kind) === 'yes',
    takerOf(request) {
      const kinds = fileKindsIn(request)
      const isTaker = (id: string) => kinds.every((kind) => receiverOf(id).reads(kind) === 'yes')
      if (isTaker(settings.default.id)) return undefined
      const needs = factsOf(settings.default.id)?.local ? { local: true } : {}
      return rankModels(known, needs, allowPaid).find(({ id, fits }) => fits && isTaker(id))?.id
    },
    fallback(needs) {
      const listed = (config.fallbackModels ?? []).flatMap((name) => find(name) ?? [])
      const others = needs ? listed : listed.filter((id) => id !== settings.default.id)
      return fallbackAmong(known, needs ?? {}, allowPaid, others)
    },
    priceOf: (name = settings.default.id) =>
      priceOfModel(formatModelId(parseWantedModel(idOf(name), ready.keys())), known, settings),
    promptCacheOf,
    suit: (request) => fitted(request, soundFacts(request.model ?? settings.default.id)),
    formOf: async ({ model, form }) => forms(formatModelId(parseModelId(idOf(model))), form),
    async generate(request, options) {
      const id = idOf(request.model)
      checkFiles(request.files ?? [])
      if (request.reasoning && rulesOf(wireOf(id)).reasoning === 'none') tellUnheard(id)
      const parts = { resolve, secrets, forms, factsOf, marksOf, wireOf, receiverOf, refusals, modes, lost, tellLack }
      const ask = (heard: GenerateOptions) => generate({ ...request, model: id }, heard, parts)
      return hidingCall({ timeouts: timeoutsOfModel(id, settings), ...options }, secrets, ask)
    },
    ...createRelay(ready, secrets, (id) => ({ ...factsOf(id), timeouts: timeoutsOfModel(id, settings) })),
    hide: secrets.hide,
    embed: async (request, options) => withCost(embedTexts(call, cut(request, 'texts'), options), costIn),
    async transcribe(request, options) {
      const transcript = secrets.hide(await transcribe(call, request, options))
      const seconds = paidSeconds(transcript.seconds, maxSeconds(request.audio))
      return costing(transcript, costOfRecording(soundFacts(transcript.model), seconds))
    },
    speak: async (request, options) =>
      withCost(speak(call, cut(request, 'text'), options), (model) => costOfSpeech(soundFacts(model), request.text)),
    draw: async (request, options) =>
      withCost(draw(call, cut(request, 'prompt'), options), (id) => costOfPictures(soundFacts(id), request.count)),
    ...(vectors ? { vectors } : encoder && { embedder: encoder }),
    close: async () => encoder?.close(),
  }
}

/** The description of the model fills in what the request does not say, and its limit bounds the request. */
function fitted(request: ModelRequest, { maxTokens: most, reasoning }: Partial<ModelFacts> = {}): ModelRequest {
  const { maxTokens = most } = request
  return {
    ...(reasoning && { reasoning }),
    ...request,
    ...(maxTokens !== undefined && { maxTokens: Math.min(maxTokens, most ?? maxTokens) }),
  }
}

function oncePer(tell: (id: string) => void): (id: string) => void {
  const noticed = new Set<string>()
  return (id) => {
    if (!noticed.has(id)) tell(id)
    if (noticed.size < 1000) noticed.add(id)
  }
}

/** Work waits for the key of the default model as it does for that of any other. */
function checkDefault(resolve: Models['resolve'], id: string): void {
  const lack = lackIn(resolve, id)
  if (lack && lack.id === undefined) resolve()
}

function lackIn(resolve: () => unknown, id: string): ModelLack | undefined {
  try {
    resolve()
    return undefined
  } catch (error) {
    const { code, message, hint } = problemOf(error)
    return {
      message,
      ...(hint !== undefined && { hint }),
      ...(code === CALL_FAULTS.auth.code && { id: formatModelId(parseModelId(id)) }),
    }
  }
}

type RegistryParts = {
  readonly resolve: Models['resolve']
  readonly secrets: Pick<CallSecrets, 'redact' | 'shown'>
  readonly forms: PromptForms
  readonly factsOf: (id: string) => ModelFacts | undefined
  readonly wireOf: WireOf
  receiverOf(id: string): FileReceiver
  readonly refusals: PictureRefusals
  readonly modes: JsonModes
  readonly lost: LostItems
  /** tells a sentence once */
  tellLack(sentence: string): void
  readonly marksOf: Models['promptCacheOf']
}

async function generate(
  request: ModelRequest & { readonly model: string },
  options: GenerateOptions,
  parts: RegistryParts,
): Promise<ModelReply> {
  const { resolve, secrets, forms, factsOf, marksOf, wireOf, receiverOf, refusals, modes, lost, tellLack } = parts
  const { redact, shown: show } = secrets
  const { signal, verdicts, onAgain } = options
  let { model } = request
  signal.throwIfAborted()
  for (const lack of lacksOfOffers(request.tools)) tellLack(lack)
  const failureOf = (error: unknown) => toCallFailure(error, { model, redact, signal, now: Date.now() })
  const ready: Ready<ModelReply> = async (refusalOf) => {
    const receiver = () => ({ ...receiverOf(model), refusalOf })
    const { request: asked, shown, reduced, whole } = await readFiles(request, receiver, options)
    for (const { why } of reduced) tellLack(`model ${model} gets a line instead of a file: ${why}`)
    const ask = async () => {
      signal.throwIfAborted()
      const answering = model === OFFLINE_MODEL_ID ? resolve(model) : shownModel(resolve(model), show)
      model = formatModelId(parseModelId(model))
      const form = await forms(model, request.form)
      const { context: window, price } = factsOf(model) ?? {}
      const about = { form, window, price, promptCache: marksOf(request), rules: rulesOf(wireOf(model), model) }
      const facts = { ...about, shown, modes, lost, redact }
      const reply = await generateReply(model, answering, asked, options, facts)
      return { reply: reduced.length > 0 ? { ...reply, reduced } : reply, whole }
    }
    const hasPicture = whole.some(({ file }) => kindOfType(file.type) === 'image')
    const withoutPictures = async (error: unknown) => {
      if (!hasPicture || !isPictureRefused(error) || !mayShowLines(request) || !refusals.counts(model)) throw error
      refusals.learn(model)
      return (await ready(refusalOf)).ask()
    }
    return { whole, ask: () => ask().catch(withoutPictures) }
  }
  return askWithoutRefused({
    request,
    server: providerOfId(model),
    verdicts,
    ready,
    refusalIn(error) {
      const refusal = signal.aborted ? undefined : refusalIn(error)
      return refusal && { ...refusal, words: redact(refusal.words) }
    },
    failureOf,
    onAgain,
  })
}

const isYes = (text = '') => /^(?:1|true|yes|on)$/i.test(text)

function chooseAmong(known: readonly ModelFacts[], needs: ModelNeeds, allowPaid: boolean): ChosenModel {
  const choice = chooseModel(known, needs, allowPaid)
  if ('id' in choice) return choice
  const why = choice.refused.map(({ id, why }) => `${id}: ${why.join(', ')}`).join('; ')
  const how = 'Describe more under `models:` in antiphon.yaml, or write `fallback_strategy: best_available`.'
  throw new TerminalError(`No model meets the requirements (${why}). ${how}`, { code: 'no_eligible_model' })
}

function fallbackAmong(
  known: readonly ModelFacts[],
  needs: ModelNeeds,
  allowPaid: boolean,
  listed: readonly string[],
): readonly string[] {
  if (listed.length === 0) return listed
  const judged = rankModels(known, needs, allowPaid)
  const able = new Set(judged.flatMap(({ id, fits }) => (fits ? id : [])))
  return [...new Set(listed)].filter((id) => able.has(id))
}

/** Without sentence vectors, the explanation says so. */
function byWords(chosen: Models['default']): Models['default'] {
  return { ...chosen, why: `${chosen.why}; passages are ranked by words alone (BM25)` }
}

/** The configured embedder of a provider. The offline model keeps its own, and so works without a network. */
function embedderId({ embedder = 'offline' }: ModelConfig): string | undefined {
  return embedder === 'offline' || embedder === 'none' ? undefined : formatModelId(parseModelId(embedder))
}

function listModels(known: readonly ModelFacts[], settings: ModelSettings, own: readonly string[]) {
  const servers = Object.keys(settings.providers).map((name) => `${name}/*`)
  const ids = [OFFLINE_MODEL_ID, settings.default.id, ...own, ...servers]
  return [...new Set(ids)].map((id) => ({ id, offline: isLocal(id, known, settings) }))
}
