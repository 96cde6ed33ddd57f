import { InvalidError } from '../../errors.ts'
import { modelTag, ownerTag } from '../../model/pool/reply-cache.ts'
import type { CacheControl, CacheDrop } from '../ports/maintenance.ts'
import type { RuntimeCache } from './cache.ts'

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
