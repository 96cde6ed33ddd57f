import type { EngineView } from '../../engine/engine.ts'
import { InvalidError, NotFoundError } from '../../errors.ts'
import { ownerFilter } from '../../lib/owner.ts'
import { nearestWord } from '../../lib/suggest.ts'

const LOOKED_AT = 200
const SHOWN = 3

/** The error for an unknown run id. It suggests similar ids among the newest runs (of this owner). */
export async function noRun(id: string, view: Pick<EngineView, 'list'>, owner?: string): Promise<NotFoundError> {
  // no run has this field, but the index of the list needs the condition
  const newest = { sort: 'startedAt', descending: true, limit: LOOKED_AT }
  const runs = await view.list('run', { ...newest, where: { aside: null, ...ownerFilter(owner) } })
  const near = nearIds(
    id,
    runs.map(({ key }) => key),
  )
  const meant = near.length === 0 ? '' : `Did you mean ${near.join(' or ')}? `
  return new NotFoundError(`there is no run ${id}`, { hint: `${meant}\`antiphon runs\` lists all runs` })
}

/** Ids with this prefix, for a partially copied id, else the closest one. */
function nearIds(id: string, ids: readonly string[]): readonly string[] {
  const begun = ids.filter((known) => known.replace(/^run_/, '').startsWith(id.replace(/^run_/, '')))
  const near = nearestWord(id, ids)
  return id.length > 2 && begun.length > 0 ? begun.slice(0, SHOWN) : near === undefined ? [] : [near]
}

/** The error for an answer to a run that has ended. */
export function runOver(run: string, status: string): InvalidError {
  return new InvalidError(`the run ${run} has ended: it is ${status}`, {
    code: 'run_over',
    hint: `Nothing more can be answered in it. To see it: antiphon show ${run}`,
  })
}
