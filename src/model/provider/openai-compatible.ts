import { boundedFetch } from './bounded-fetch.ts'
import { type Server, speechModel, transcriptionModel } from './openai-audio.ts'
import { addressOf } from './provider-types.ts'
import type { Kit, Opening } from './sdk-provider.ts'

type Body = { readonly [field: string]: unknown }

/** A server that speaks the chat protocol of OpenAI: OpenAI itself, Ollama, LM Studio, vLLM, llama.cpp, the router of Hugging Face and many others. */
export async function compatibleKit({ name, config, key }: Opening): Promise<Kit> {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
  const baseURL = addressOf(config) ?? ''
  const server = serverOf(baseURL, { name, config, key })
  const texts = createOpenAICompatible({
    ...config.options,
    name,
    baseURL,
    fetch: boundedFetch,
    ...(key !== undefined && { apiKey: key }),
    includeUsage: true,
    supportsStructuredOutputs: true,
    ...(URL.parse(baseURL)?.hostname === OPENAI && { transformRequestBody: forOpenAI }),
  })
  return {
    languageModel: (id) => texts.languageModel(id),
    embeddingModel: (id) => texts.embeddingModel(id),
    speechModel: (id) => speechModel(server, id),
    transcriptionModel: (id) => transcriptionModel(server, id),
  }
}

/** What the package above makes of the same settings for texts, it does not offer for sound. */
function serverOf(baseURL: string, { name, config, key }: Pick<Opening, 'name' | 'config' | 'key'>): Server {
  const { headers, queryParams } = (config.options ?? {}) as {
    readonly headers?: Server['headers']
    readonly queryParams?: Server['query']
  }
  const authorization = key === undefined ? {} : { Authorization: `Bearer ${key}` }
  return { name, baseURL, headers: { ...authorization, ...headers }, query: queryParams ?? {} }
}

const OPENAI = 'api.openai.com'
/** Models that reason take the temperature they like. */
const REASONING = /^(?:o\d|gpt-5)/

/** OpenAI's own server has renamed the limit of tokens; others know the old name only. */
export function forOpenAI({ max_tokens, temperature, ...body }: Body): Body {
  return {
    ...body,
    ...(max_tokens !== undefined && { max_completion_tokens: max_tokens }),
    ...(temperature !== undefined && !REASONING.test(String(body.model)) && { temperature }),
  }
}
