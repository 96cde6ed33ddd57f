import type {
  EmbeddingModelV4,
  ImageModelV4,
  LanguageModelV4,
  SpeechModelV4,
  TranscriptionModelV4,
} from '@ai-sdk/provider'
import { InvalidError } from '../../errors.ts'
import type { ProviderConfig } from './provider-types.ts'

/** The setup of a provider: name, configuration, optional key, and the folder for resolving files and packages. */
export type ProviderSetup = {
  readonly name: string
  readonly config: ProviderConfig
  readonly key: string | undefined
  readonly folder: string
}

/** Model factories of an AI SDK provider. A provider without models of a kind lacks the function, or throws. */
export interface ProviderSdk {
  languageModel(name: string): LanguageModelV4
  embeddingModel?(name: string): EmbeddingModelV4
  transcriptionModel?(name: string): TranscriptionModelV4
  speechModel?(name: string): SpeechModelV4
  imageModel?(name: string): ImageModelV4
}

/** The kinds of models, and what each is for. */
const MODEL_KINDS = {
  languageModel: 'texts',
  embeddingModel: 'embeddings',
  transcriptionModel: 'transcription',
  speechModel: 'speech',
  imageModel: 'pictures',
} as const
export type ModelKind = keyof typeof MODEL_KINDS

const SDK_VERSION = 'v4'

/** A model of a kind; InvalidError when the provider has none, or another version of the SDK interface. */
export function findSdkModel<K extends ModelKind>(
  kit: ProviderSdk,
  kind: K,
  provider: string,
  name: string,
): ReturnType<Required<ProviderSdk>[K]> {
  const model = made(kit, kind, name)
  if (model === undefined)
    throw new InvalidError(`Provider ${provider} offers no ${MODEL_KINDS[kind]}.`, {
      code: 'not_offered',
      place: { path: 'model' },
    })
  checkVersion(model, `Provider ${provider}`)
  return model as ReturnType<Required<ProviderSdk>[K]>
}

/** Checks a model of a program. InvalidError if it is none, or of another version, whose usage would be misread. */
export function checkOwnModel(id: string, model: unknown): LanguageModelV4 {
  const { specificationVersion, doGenerate, doStream } = (model ?? {}) as Partial<LanguageModelV4>
  if (typeof doGenerate !== 'function' || typeof doStream !== 'function')
    throw new InvalidError(
      `Model ${id} is not a model of an AI SDK provider: it needs the functions doGenerate and doStream.`,
      { hint: 'For example the result of createOpenAI({ apiKey })("gpt-5") from @ai-sdk/openai.' },
    )
  checkVersion({ specificationVersion: String(specificationVersion) }, `Model ${id}`)
  return model as LanguageModelV4
}

type Versioned = { readonly specificationVersion: string }

function checkVersion({ specificationVersion }: Versioned, what: string): void {
  if (specificationVersion === SDK_VERSION) return
  throw new InvalidError(
    `${what} is made for version ${specificationVersion} of the AI SDK's provider interface, and ${SDK_VERSION} is needed.`,
    { code: 'peer_missing', hint: 'Install the newest major version of its package.' },
  )
}

function made(kit: ProviderSdk, kind: ModelKind, name: string): Versioned | undefined {
  try {
    return kit[kind]?.(name)
  } catch (error) {
    if ((error as Partial<Error> | undefined)?.name === 'AI_NoSuchModelError') return undefined
    throw error
  }
}
