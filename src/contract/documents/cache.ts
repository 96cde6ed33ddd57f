import { z } from 'zod'
import { maybe, type Plain } from '../../document.ts'
import { cacheLayerName } from '../../store/cache/report.ts'

const text = z.string().min(1).max(500)

/** Selects the cached replies to drop. */
export const cacheDrop = z.union([
  z.strictObject({ model: text }),
  z.strictObject({ owner: text }),
  z.strictObject({ tag: text.meta({ description: 'a tag of a step, `model/ID` or `owner/NAME`' }) }),
  z.strictObject({ all: z.literal(true) }),
])

/** Selects cached replies to drop: by model, owner or tag (a tag of a step, `model/ID`, `owner/NAME`), or all. */
export type CacheDrop = Plain<typeof cacheDrop>

/** The number of dropped replies per tier. */
export const cacheDropped = z
  .object({
    tag: maybe(z.string().meta({ description: 'absent if everything was dropped' })),
    removed: z.array(z.object({ name: cacheLayerName, entries: z.number() })),
  })
  .meta({ id: 'CacheDropped' })

/** The dropped tag (absent: everything), and the removed entries per layer. */
export type CacheDropped = Plain<typeof cacheDropped>
