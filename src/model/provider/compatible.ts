import { boundedFetch } from './bounded-fetch.ts'
import type { Kit } from './kit.ts'
import type { Opening } from './load.ts'
import { addressOf } from './types.ts'

type Body = { readonly [field: string]: unknown }

/** A server that speaks the chat protocol of OpenAI: OpenAI itself, Ollama, LM Studio, vLLM, llama.cpp, the router of Hugging Face and many others. */
export async function compatibleKit({ name, config, key }: Opening): Promise<Kit> {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
  const baseURL = addressOf(config) ?? ''
  return createOpenAICompatible({
    ...config.options,
    name,
    baseURL,
    fetch: boundedFetch,
    ...(key !== undefined && { apiKey: key }),
    includeUsage: true,
    supportsStructuredOutputs: true,
    ...(URL.parse(baseURL)?.hostname === OPENAI && { transformRequestBody: forOpenAI }),
  })
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
