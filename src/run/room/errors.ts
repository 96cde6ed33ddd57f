import type { EngineView } from '../../engine/engine.ts'
import { InvalidError, NotFoundError } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import type { ActorRef } from '../../kernel/types.ts'
import { ownerFilter } from '../../lib/owner.ts'
import { nearestWord } from '../../lib/suggest.ts'

const LOOKED_AT = 200
const SHOWN = 3

/** The error for an unknown run id. It suggests similar ids among the newest runs (of this owner). */
export async function noRun(
  id: string,
  view: Pick<EngineView, 'list' | 'peek'>,
  owner?: string,
): Promise<NotFoundError> {
  // a caller who sees one owner gets nothing that was looked up for others
  const other = owner === undefined ? await findByName(view, id) : undefined
  if (other) return new NotFoundError(`There is no run ${id}.`, { hint: hintOf(other) })
  // no run has this field, but the index of the list needs the condition
  const newest = { sort: 'startedAt', descending: true, limit: LOOKED_AT }
  const runs = await view.list(KIND.run, { ...newest, where: { aside: null, ...ownerFilter(owner) } })
  const near = nearIds(
    id,
    runs.map(({ key }) => key),
  )
  const meant = near.length === 0 ? '' : `Did you mean ${near.join(' or ')}? `
  return new NotFoundError(`There is no run ${id}.`, { hint: `${meant}\`antiphon runs\` lists all runs.` })
}

/** The goal or the thread with an id, which may lack its owner: `talk` for `ann:talk`. */
export async function findByName(view: Pick<EngineView, 'list' | 'peek'>, id: string): Promise<ActorRef | undefined> {
  for (const kind of [KIND.goal, KIND.thread]) {
    if (await view.peek({ kind, key: id })) return { kind, key: id }
    const newest = { sort: 'startedAt', descending: true, limit: LOOKED_AT }
    const found = (await view.list(kind, newest)).find(({ key }) => key.endsWith(`:${id}`))
    if (found) return { kind, key: found.key }
  }
  return undefined
}

const hintOf = ({ kind, key }: ActorRef) =>
  kind === KIND.goal
    ? `${key} is a goal: antiphon agent show ${key}, antiphon agent resume ${key} or antiphon agent cancel ${key}. To see which of its runs wait: antiphon inbox ${key}`
    : `${key} is a thread: antiphon threads show ${key}`

/** Ids with this prefix, for a partially copied id, else the closest one. */
function nearIds(id: string, ids: readonly string[]): readonly string[] {
  const begun = ids.filter((known) => known.replace(/^run_/, '').startsWith(id.replace(/^run_/, '')))
  const near = nearestWord(id, ids)
  return id.length > 2 && begun.length > 0 ? begun.slice(0, SHOWN) : near === undefined ? [] : [near]
}

export function runOver(run: string, status: string): InvalidError {
  return new InvalidError(`The run ${run} has ended: it is ${status}.`, {
    code: 'run_over',
    hint: `Nothing more can be answered in it. To see it: antiphon show ${run}`,
  })
}

/** The error for a step that a run does not have. It suggests similar ids, and those of the same step in loops. */
export function noStep(run: string, id: string, ids: readonly string[]): NotFoundError {
  const inLoops = ids.filter((known) => known.endsWith(`_${id}`)).slice(0, MAX_SUGGESTED)
  const near = inLoops.length > 0 ? inLoops.join(' or ') : nearestWord(id, ids)
  const known = `It has ${ids.slice(0, 10).join(', ')}${ids.length > 10 ? ` and ${ids.length - 10} more` : ''}.`
  return new NotFoundError(`The run ${run} has no step ${id}.`, {
    hint: near === undefined ? known : `Did you mean ${near}? ${known}`,
  })
}

const MAX_SUGGESTED = 3
