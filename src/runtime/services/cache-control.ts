import { InvalidError } from '../../errors.ts'
import { modelTag, ownerTag } from '../../model/pool/reply-cache.ts'
import type { CacheRemoved, CacheReport } from '../../store/cache/cache.ts'
import type { RuntimeCache } from './cache.ts'

/** What to drop: the replies of a model, those to an owner, those with a tag (one that a step said, `model/ID`, `owner/NAME`), or all. */
export type CacheDrop =
  | { readonly model: string }
  | { readonly owner: string }
  | { readonly tag: string }
  | { readonly all: true }

/** What was dropped: the tag (absent: everything), and how many entries were removed where. */
export type CacheDropped = { readonly tag?: string; readonly removed: readonly CacheRemoved[] }

/** The replies that a runtime keeps, to be looked at and dropped. */
export interface CacheControl {
  /** What is kept where, and how often it was given again, since this process began. */
  report(): Promise<CacheReport>
  /**
   * Makes kept replies void: who asks the same from now on has it made, and what is being made is not kept. Nodes that share a Redis server all know it;
   * other nodes do not. A RetryableError when it could not be noted: then it may still hold.
   */
  drop(what: CacheDrop): Promise<CacheDropped>
}

/** Says which model a name means. The whole of `Models` would bring the AI SDK into the public types. */
type Names = { find(name: string): string | undefined }

/** Over the cache of a runtime, which is opened for it. */
export function cacheControl({ open }: RuntimeCache, { find }: Names): CacheControl {
  function tagOf(what: CacheDrop): string | undefined {
    if ('model' in what) return modelTag(find(what.model) ?? what.model)
    if ('owner' in what) return ownerTag(what.owner)
    return 'tag' in what ? named(what.tag) : undefined
  }

  return {
    report: async () => (await open()).report(),
    async drop(what) {
      const tag = tagOf(what)
      const removed = await (await open()).drop(tag)
      return { ...(tag !== undefined && { tag }), removed }
    },
  }
}

function named(tag: string): string {
  if (tag !== '') return tag
  throw new InvalidError('A tag is expected, such as `owner/ada`.', { place: { path: 'tag' } })
}
