import { InvalidError } from '../errors.ts'

/** The model that is always there, as provider and name, and as an id. */
export const OFFLINE_PROVIDER = 'offline'
export const OFFLINE_MODEL = 'extractive'
export const OFFLINE_MODEL_ID = `${OFFLINE_PROVIDER}/${OFFLINE_MODEL}`

/** The provider option that this program adds to a call: it says whose turn the call takes. */
export const PROVIDER_OPTIONS_KEY = 'antiphon'

/** A model id in two: the provider ends at the first `/` or `:`. */
export type ModelId = { readonly provider: string; readonly name: string }

const MAX_ID_LENGTH = 200
const ID = /^([\w.-]+)[/:](\S+)$/

/** Whether a name is written as an id is, however long it may be. */
export function looksLikeModelId(name: string): boolean {
  return ID.test(name)
}

/** The provider that an id names; a name that is no id is taken whole. */
export function providerOfId(id: string): string {
  return id.split(/[/:]/, 1)[0]!
}

/** `provider/name`, `provider:name` and `provider:name:tag` taken apart; InvalidError for anything else. */
export function parseModelId(id: string): ModelId {
  const parts = id.length <= MAX_ID_LENGTH ? ID.exec(id) : null
  if (parts) return { provider: parts[1]!, name: parts[2]! }
  throw new InvalidError(`${JSON.stringify(id.slice(0, MAX_ID_LENGTH))} is not a model id`, {
    hint: 'A model id is provider/name, such as ollama/llama3.2 or offline/extractive.',
    place: { path: 'model' },
  })
}

/** How ids are shown and compared. */
export function formatModelId({ provider, name }: ModelId): string {
  return `${provider}/${name}`
}
