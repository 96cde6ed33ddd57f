import { marksInParts } from '../request/cache-marks.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { chatExtractor } from './chat-thoughts.ts'
import { type AudioServer, speechModel, transcriptionModel } from './openai-audio.ts'
import { knownAddress } from './provider-types.ts'
import type { ProviderSdk, ProviderSetup } from './sdk-provider.ts'

type RequestBody = { readonly [field: string]: unknown }

/** A server of OpenAI's chat protocol: OpenAI, Ollama, LM Studio, vLLM, llama.cpp, Hugging Face's router and others. */
export async function openAICompatibleSdk({ name, config, key }: ProviderSetup): Promise<ProviderSdk> {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
  const baseURL = knownAddress(config) ?? ''
  const host = URL.parse(baseURL)?.hostname
  const server = serverOf(baseURL, { name, config, key })
  const texts = createOpenAICompatible({
    ...config.options,
    name,
    baseURL,
    fetch: boundedFetch,
    ...(key !== undefined && { apiKey: key }),
    includeUsage: host !== MISTRAL_HOST,
    supportsStructuredOutputs: true,
    metadataExtractor: chatExtractor,
    transformRequestBody: (body) => toServerBody(body, host),
  })
  return {
    languageModel: (id) => texts.languageModel(id),
    embeddingModel: (id) => texts.embeddingModel(id),
    speechModel: (id) => speechModel(server, id),
    imageModel: (id) => texts.imageModel(id),
    transcriptionModel: (id) => transcriptionModel(server, id),
  }
}

/** Builds the server address and headers: the package offers them for texts but not for audio. */
function serverOf(baseURL: string, { name, config, key }: Pick<ProviderSetup, 'name' | 'config' | 'key'>): AudioServer {
  const { headers, queryParams } = (config.options ?? {}) as {
    readonly headers?: AudioServer['headers']
    readonly queryParams?: AudioServer['query']
  }
  const authorization = key === undefined ? {} : { Authorization: `Bearer ${key}` }
  return { name, baseURL, headers: { ...authorization, ...headers }, query: queryParams ?? {} }
}

/** Only a provider that wants marks gets messages with marks. */
function toServerBody(body: RequestBody, host: string | undefined): RequestBody {
  const { messages } = body
  const marked = Array.isArray(messages) ? { ...body, messages: marksInParts(messages) } : body
  return host === OPENAI_HOST ? toOpenAIBody(marked) : marked
}

const OPENAI_HOST = 'api.openai.com'
/** It sends the usage unasked, and refuses the field that asks for it. */
const MISTRAL_HOST = 'api.mistral.ai'
/** Reasoning models reject a temperature. */
const REASONING_MODEL = /^(?:o\d|gpt-5)/

/** OpenAI's own server has renamed the token limit; other servers accept only the old name. */
export function toOpenAIBody({ max_tokens, temperature, ...body }: RequestBody): RequestBody {
  return {
    ...body,
    ...(max_tokens !== undefined && { max_completion_tokens: max_tokens }),
    ...(temperature !== undefined && !REASONING_MODEL.test(String(body.model)) && { temperature }),
  }
}
