import { isJsonObject } from '../../../kernel/json.ts'
import { isName } from './calls.ts'
import type { JsonFields } from './changed-fields.ts'

/** The reason for the end of a reply in which the model refused to answer. */
const REFUSAL = 'refusal'

/** Reads the refusals in the choices of a reply of the chat protocol, or in its events one after another. */
type RefusalReader = (reply: JsonFields) => JsonFields

/** The chat protocol's refusal beside the text, which not every reader reads, becomes the text of a refused reply. */
export function createRefusalReader(): RefusalReader {
  let isRefused = false
  const read = (choice: unknown) => {
    if (!isJsonObject(choice)) return choice
    const place = isJsonObject(choice.message) ? 'message' : 'delta'
    const said = choice[place]
    const refusal = isJsonObject(said) && isName(said.refusal) ? said.refusal : undefined
    isRefused ||= refusal !== undefined
    if (!isRefused) return choice
    const { finish_reason: reason = null } = choice
    const text = isJsonObject(said) && isName(said.content) ? said.content : ''
    return {
      ...choice,
      ...(refusal !== undefined && { [place]: { ...(said as JsonFields), content: text + refusal, refusal: null } }),
      ...(reason !== null && { finish_reason: REFUSAL }),
    }
  }
  return (reply) => {
    const { choices } = reply
    if (!Array.isArray(choices)) return reply
    const mended = choices.map(read)
    return mended.every((one, at) => one === choices[at]) ? reply : { ...reply, choices: mended }
  }
}
