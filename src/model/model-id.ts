import { InvalidError } from '../errors.ts'

/** The model that is always there, as provider and name, and as an id. */
export const OFFLINE = 'offline'
export const EXTRACTIVE = 'extractive'
export const EXTRACTIVE_ID = `${OFFLINE}/${EXTRACTIVE}`

/** The provider option that this program adds to a call: it says whose turn the call takes. */
export const OURS = 'antiphon'

/** A model id in two: the provider ends at the first `/` or `:`. */
export type ModelId = { readonly provider: string; readonly name: string }

const LONGEST_ID = 200
const ID = /^([\w.-]+)[/:](\S+)$/

/** Whether a name is written as an id is, however long it may be. */
export function isIdLike(name: string): boolean {
  return ID.test(name)
}

/** The provider that an id names; a name that is no id is taken whole. */
export function providerIn(id: string): string {
  return id.split(/[/:]/, 1)[0]!
}

/** `provider/name`, `provider:name` and `provider:name:tag` taken apart; InvalidError for anything else. */
export function parseModelId(id: string): ModelId {
  const parts = id.length <= LONGEST_ID ? ID.exec(id) : null
  if (parts) return { provider: parts[1]!, name: parts[2]! }
  throw new InvalidError(`${JSON.stringify(id.slice(0, LONGEST_ID))} is not a model id`, {
    hint: 'A model id is provider/name, such as ollama/llama3.2 or offline/extractive.',
    place: { path: 'model' },
  })
}

/** How ids are shown and compared. */
export function formatModelId({ provider, name }: ModelId): string {
  return `${provider}/${name}`
}
