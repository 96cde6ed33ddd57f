import { formatModelId, type ModelId } from '../model-id.ts'
import type { Provider } from '../provider/provider.ts'
import type { Kind, Kit } from '../provider/sdk-provider.ts'
import type { CallOptions } from '../request/request.ts'
import { type Timeouts, withinTime } from '../request/timeouts.ts'
import { failureOf } from './failure.ts'

/** Calls a model of a kind within its time; rejects as a call of a text model does, and with `not_offered` when its provider has no such models. */
export type CallKind = <K extends Kind, Result>(
  kind: K,
  id: string,
  options: CallOptions,
  call: (model: ReturnType<Required<Kit>[K]>, signal: AbortSignal) => Promise<Result>,
) => Promise<Result>

/** What is known where models are called: the provider of an id (which throws when there is none), its limits, and what is not to be shown. */
export type KindContext = {
  find(id: string): ModelId & { readonly opened: Provider; readonly timeouts: Timeouts | undefined }
  redact(text: string): string
}

/** Calls of the models that give no texts. */
export function createKindCalls({ find, redact }: KindContext): CallKind {
  return async (kind, id, options, call) => {
    const found = find(id)
    const { signal } = options
    const limits = { timeouts: found.timeouts, ...options }
    try {
      signal.throwIfAborted()
      return await withinTime(limits, signal, async (inner) => call(await found.opened.model(kind, found.name), inner))
    } catch (error) {
      throw failureOf(error, { model: formatModelId(found), redact, signal, now: Date.now() })
    }
  }
}
