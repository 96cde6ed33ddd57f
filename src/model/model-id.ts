import { InvalidError } from '../errors.ts'

/** The built-in model, as provider, name and id. */
export const OFFLINE_PROVIDER = 'offline'
export const OFFLINE_MODEL = 'extractive'
export const OFFLINE_MODEL_ID = `${OFFLINE_PROVIDER}/${OFFLINE_MODEL}`

/** The provider option that antiphon adds to a call: the fairness key of the call. */
export const PROVIDER_OPTIONS_KEY = 'antiphon'

/** A model id in two parts; the provider ends at the first `/` or `:`. */
export type ModelId = { readonly provider: string; readonly name: string }

const MAX_ID_LENGTH = 200
const ID = /^([\w.-]+)[/:](\S+)$/

/** Whether a name has the form of an id, of any length. */
export const looksLikeModelId = (name: string): boolean => ID.test(name)

/** The provider of an id; a name that is not an id is returned whole. */
export const providerOfId = (id: string): string => id.split(/[/:]/, 1)[0]!

/** Parses `provider/name`, `provider:name` and `provider:name:tag`; InvalidError for anything else. */
export function parseModelId(id: string): ModelId {
  const parts = id.length <= MAX_ID_LENGTH ? ID.exec(id) : null
  if (parts) return { provider: parts[1]!, name: parts[2]! }
  throw new InvalidError(`${JSON.stringify(id.slice(0, MAX_ID_LENGTH))} is not a model id.`, {
    hint: 'A model id is provider/name, such as ollama/llama3.2 or offline/extractive.',
    place: { path: 'model' },
  })
}

export const formatModelId = ({ provider, name }: ModelId): string => `${provider}/${name}`

/** The id of a model of an AI SDK provider: the SDK names the provider `openai.responses`, and ids name it `openai`. */
export function idOfSdkModel({ provider, modelId }: { readonly provider: string; readonly modelId: string }): string {
  const name = provider.split('.')[0]!.replace(/[^\w-]+/g, '-')
  return formatModelId({ provider: name || 'model', name: modelId.replace(/\s+/g, '-') || 'model' })
}
