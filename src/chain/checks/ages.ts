import { isAbsolute } from 'node:path'
import type { Hit, PhaseInput, SourceRef } from '../../thread/protocol/phase-types.ts'
import type { ChainServices } from '../protocol/phase.ts'

/** The hits with the time when their file was changed, if a check needs it. A text that came with the ask has none. */
export async function withAges(
  hits: readonly Hit[],
  { checks, sources }: Pick<PhaseInput, 'checks' | 'sources'>,
  { changedAt }: Pick<ChainServices, 'changedAt'>,
): Promise<readonly Hit[]> {
  if (!changedAt || !checks?.some((check) => check.startsWith('fresh'))) return hits
  const origins = new Map(sources.map((source) => [source.id, source]))
  return Promise.all(
    hits.map(async (hit) => {
      const kind = kindOf(hit, origins.get(hit.source))
      const at = kind && (await changedAt(hit.file, kind))
      return at === undefined ? hit : { ...hit, changedAt: at }
    }),
  )
}

/** The kind of source that the file of a hit is of; undefined: the hit is of no file that is there. */
function kindOf({ record, file }: Hit, origin: SourceRef | undefined): SourceRef['kind'] | undefined {
  if (origin) return origin.blob === undefined ? origin.kind : undefined
  return record !== undefined && isAbsolute(file) ? 'file' : undefined
}
