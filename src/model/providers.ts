import type { LanguageModelV4 } from '@ai-sdk/provider'
import { TerminalError } from '../errors.ts'
import type { ProviderConfig } from './config.ts'
import type { Environment } from './settings.ts'
import type { ModelId } from './spec.ts'

/** Loads the package of a provider type and makes one of its models; the key is undefined where none is configured. */
type Load = (id: ModelId, config: ProviderConfig, key: string | undefined) => Promise<LanguageModelV4>

/** The provider types there are. A new one is a line here and a package that users install beside this one. */
const TYPES: { readonly [type in ProviderConfig['type']]: Load } = {
  'openai-compatible': loadOpenAICompatible,
}

/** A model of a provider; its package is loaded with the first call. Throws a TerminalError when its key is not set. */
export function providerModel(id: ModelId, config: ProviderConfig, environment: Environment): LanguageModelV4 {
  let loading: Promise<LanguageModelV4> | undefined
  const load = () => {
    loading ??= TYPES[config.type](id, config, keyOf(id, config, environment))
    return loading
  }
  return {
    specificationVersion: 'v4',
    provider: id.provider,
    modelId: id.name,
    supportedUrls: {},
    doGenerate: async (options) => (await load()).doGenerate(options),
    doStream: async (options) => (await load()).doStream(options),
  }
}

function keyOf({ provider }: ModelId, { keyEnv }: ProviderConfig, environment: Environment): string | undefined {
  if (keyEnv === undefined || environment[keyEnv]) return keyEnv && environment[keyEnv]
  throw new TerminalError(`provider ${provider} takes its key from ${keyEnv}, which is not set`, {
    code: 'model_unauthorized',
  })
}

async function loadOpenAICompatible({ provider, name }: ModelId, { baseURL }: ProviderConfig, key: string | undefined) {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
  const server = createOpenAICompatible({
    name: provider,
    baseURL,
    ...(key !== undefined && { apiKey: key }),
    includeUsage: true,
    supportsStructuredOutputs: true,
  })
  return server.chatModel(name)
}
