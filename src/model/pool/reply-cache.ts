import type { Cache } from '../../store/cache/cache.ts'
import { cacheKey } from '../../store/cache/key.ts'
import type { CacheSetting, ModelConfig } from '../catalogue/model-config.ts'
import { NO_USAGE } from '../cost/usage.ts'
import { formatModelId, parseModelId, providerOfId } from '../model-id.ts'
import type { ModelReply, ModelRequest } from '../request/request.ts'

/** Cached replies to repeated requests, where caching is on. */
export interface ReplyCache {
  /**
   * The cached reply, at no cost; else the reply of `ask`. It never returns another owner's reply or a refusal. A
   * caller that repeats its own call, as after a crash, also gets the usage of that call.
   */
  through(asked: ReplyLookup, ask: () => Promise<ModelReply>): Promise<ModelReply>
}

type ReplyLookup = {
  /** the model's id */
  readonly model: string
  readonly request: ModelRequest
  readonly owner: string
  /** the caller's setting, which overrides that of the model */
  readonly wish?: CacheSetting | undefined
  /** tags by which it can be dropped, besides its model and its owner; other tags make it another entry */
  readonly tags?: readonly string[]
  readonly signal: AbortSignal
  /** names the call: a repeated call has the same name */
  readonly call?: string | undefined
}

/** A reply with the call it was made for; absent: the caller did not name one. */
type CachedReply = ModelReply & { readonly madeFor?: string }

/** The version of prompt rendering and reply parsing. Entries of another version are ignored. */
const PROMPT_VERSION = '3'
/** seconds */
const DEFAULT_TTL_SECONDS = 3_600

/** The reply cache of a configuration's models; it opens when the first reply is cached. */
export function createReplyCache(
  config: ModelConfig,
  open: () => Promise<Cache>,
  ttl = DEFAULT_TTL_SECONDS,
): ReplyCache {
  const entries = new Map((config.models ?? []).map((entry) => [formatModelId(parseModelId(entry.id)), entry]))
  return {
    async through({ model, request: given, owner, wish, tags = [], signal, call }, ask) {
      // it changes no reply
      const { promptCache: _, ...request } = given
      const { cache: own, form } = entries.get(model) ?? {}
      const wished = wish ?? own ?? false
      if (wished === false) return ask()
      const input = { form, ...request, model, provider: config.providers?.[providerOfId(model)], tags: orNone(tags) }
      const key = cacheKey({ kind: 'model-reply', version: PROMPT_VERSION, owner, input })
      const seconds = wished === true ? ttl : wished.ttl
      const terms = { ttl: seconds * 1000, tags: [modelTag(model), ownerTag(owner), ...tags], signal, isWorth }
      const make = async (): Promise<CachedReply> => ({
        ...(await ask()),
        ...(call !== undefined && { madeFor: call }),
      })
      const { value, cached } = await (await open()).through<CachedReply>(key, terms, make)
      const { madeFor, ...reply } = value
      const isOwn = !cached || (call !== undefined && call === madeFor)
      return isOwn ? reply : { ...reply, usage: NO_USAGE, cost: 0, cached: true }
    },
  }
}

export const modelTag = (model: string) => `model/${model}`
export const ownerTag = (owner: string) => `owner/${owner}`

/** The order of the tags does not matter. Without tags the key does not change. */
const orNone = (tags: readonly string[]) => (tags.length === 0 ? undefined : [...new Set(tags)].sort())

/** A file may be removed before its entry. */
const isWorth = ({ refused, files }: ModelReply) => refused === undefined && files === undefined
