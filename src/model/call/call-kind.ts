import { formatModelId, type ModelId } from '../model-id.ts'
import type { Provider } from '../provider/provider.ts'
import type { ModelKind, ProviderSdk } from '../provider/sdk-provider.ts'
import type { CallOptions } from '../request/request.ts'
import { type CallTimeouts, withTimeouts } from '../request/timeouts.ts'
import { toCallFailure } from './failure.ts'

/** Calls a model of a kind in its time limits. Rejects as a text call, and with `not_offered` without such models. */
export type KindCaller = <K extends ModelKind, Result>(
  kind: K,
  id: string,
  options: CallOptions,
  call: (model: ReturnType<Required<ProviderSdk>[K]>, signal: AbortSignal) => Promise<Result>,
) => Promise<Result>

/** Finds the provider of an id (throws when there is none), its time limits, and the redaction. */
export type KindContext = {
  find(id: string): ModelId & { readonly opened: Provider; readonly timeouts: CallTimeouts | undefined }
  redact(text: string): string
}

/** Calls models that do not return text. */
export function createKindCaller({ find, redact }: KindContext): KindCaller {
  return async (kind, id, options, call) => {
    const found = find(id)
    const { signal } = options
    const limits = { timeouts: found.timeouts, ...options }
    try {
      signal.throwIfAborted()
      return await withTimeouts(limits, signal, async (inner) =>
        call(await found.opened.model(kind, found.name), inner),
      )
    } catch (error) {
      throw toCallFailure(error, { model: formatModelId(found), redact, signal, now: Date.now() })
    }
  }
}
