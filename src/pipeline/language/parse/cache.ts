import { isMap } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import { CACHE_TABLE, LONGEST_TTL, MOST_TAGS } from '../schema/step-keys.ts'
import type { StepSpec } from './pipeline-spec.ts'
import { complain, type Reader } from './reader.ts'

type Read = Pick<StepSpec, 'cache' | 'cacheTags'>

/** Whether replies are kept for a step, how long, and with which tags. */
export function readCache(reader: Reader): Read {
  const { cache } = reader.step
  if (cache === undefined) return {}
  const read = typeof cache === 'boolean' ? { cache } : readTerms(cache)
  if (typeof read !== 'string') return read
  complain(reader, 'bad_value', 'cache', read)
  return {}
}

/** A map of terms, or what is wrong with it. */
function readTerms(cache: Json): Read | string {
  const { ttl, tags, ...more } = isMap(cache) ? cache : { more: null }
  if (Object.keys(more).length > 0 || (ttl === undefined && tags === undefined)) return EXPECTED
  if (ttl !== undefined && !(typeof ttl === 'number' && ttl > 0 && ttl <= LONGEST_TTL)) return EXPECTED
  if (tags !== undefined && !areTags(tags)) return EXPECTED_TAGS
  return { cache: ttl === undefined ? true : { ttl }, ...(tags && { cacheTags: tags }) }
}

const EXPECTED = `\`cache:\` is true, false, or a map of ${Object.keys(CACHE_TABLE).join(' and ')}: \`{ ttl: seconds, tags: [report] }\`, at most 30 days`
const EXPECTED_TAGS = `\`tags\` of \`cache:\` is a list of 1 to ${MOST_TAGS} texts`

function areTags(tags: Json): tags is string[] {
  const isList = Array.isArray(tags) && tags.length > 0 && tags.length <= MOST_TAGS
  return isList && tags.every((tag) => typeof tag === 'string' && tag.trim() !== '')
}
