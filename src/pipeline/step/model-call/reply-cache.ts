import { TerminalError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import { LOCAL_OWNER } from '../../../lib/owner.ts'
import type { CallTask } from '../../../model/pool/generate-in-pool.ts'
import type { Job } from '../context.ts'
import { renderAll } from '../templates/render.ts'

const LONGEST_TAG = 200

/** Whose reply it is, whether it is kept, and what it can be dropped by. TerminalError for a tag that is none. */
export function keepOf({ step, start, pipeline, scope }: Pick<Job, 'step' | 'start' | 'pipeline' | 'scope'>) {
  const { cache: wish, cacheTags } = step
  const keep: NonNullable<CallTask['keep']> = { owner: start.owner ?? LOCAL_OWNER, wish }
  if (!cacheTags) return keep
  const tags = renderAll([...cacheTags], pipeline, scope, ['cache', 'tags']) as Json[]
  return { ...keep, tags: tags.map(tagOf) }
}

function tagOf(value: Json, at: number): string {
  const tag = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
  if (tag !== '' && tag.length <= LONGEST_TAG) return tag
  const shown = JSON.stringify(value).slice(0, 80)
  throw new TerminalError(`cache.tags[${at}]: ${shown} is no text of at most ${LONGEST_TAG} letters`, {
    code: 'bad_value',
  })
}
