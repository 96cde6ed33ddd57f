import { nameOf } from '../../../kernel/ref.ts'
import type { ActorIndex, ActorRef, Cell } from '../../../kernel/types.ts'
import type { Database, Rows } from '../../../store/database/database.ts'
import type { Committer } from './committer.ts'
import type { RecoveredState } from './recovery.ts'

export type Doubts = ReturnType<typeof openDoubts>

/** Which actors make calls that must not be repeated. */
export type Doubtful = {
  /** Whether an actor with this index may make one. Without an index it has mail, and no state yet. */
  isAtWork(name: string, index: ActorIndex | undefined): boolean
  /** The actor with whose work its own begins and ends; undefined: there is none. */
  worksFor(name: string): string | undefined
}

const NOBODY: Doubtful = { isAtWork: () => false, worksFor: () => undefined }

/**
 * The actors that an earlier machine may have brought further after the end of the copy that this file was restored
 * from: those at work, and those that they start. The first at-most-once effect of each is in doubt while its work is
 * open.
 */
export function openDoubts(
  database: Database,
  found: Pick<RecoveredState, 'activations' | 'pending'>,
  committer: Committer,
  { isAtWork, worksFor }: Doubtful = NOBODY,
) {
  // the end of the copy, in ms since the epoch; negative: it was asked about
  const known = new Map<string, number>()
  const read = "select substr(name, 7) actor, value from meta where name >= 'doubt ' and name < 'doubt!'"
  for (const { actor, value } of database.all<{ actor: string; value: number }>(read)) known.set(actor, value)
  const end = database.first<{ readonly value: number }>("select value from meta where name = 'restored'")?.value ?? 0
  if (end > 0) {
    for (const name of namesAtWork()) known.set(name, end)
    keep('meta', [['restored', 0], ...[...known].map(([name, value]) => [`doubt ${name}`, value] as const)])
  }

  function namesAtWork(): readonly string[] {
    const indexes = new Map<string, ActorIndex | undefined>()
    type Stored = { readonly name: string; readonly fields: string | null }
    for (const { name, fields } of database.all<Stored>('select name, index_fields fields from cell'))
      indexes.set(name, fields === null ? undefined : JSON.parse(fields))
    for (const { name, cell } of found.activations.values()) indexes.set(name, cell?.index ?? undefined)
    // mail may begin what the state does not know yet
    for (const { envelope } of found.pending.values()) indexes.set(nameOf(envelope.to), undefined)
    const names = [...indexes].flatMap(([name, index]) => (isAtWork(name, index) ? [name] : []))
    const all = new Set(names)
    return names.filter((name) => all.has(worksFor(name) ?? name))
  }

  function keep(statement: 'meta' | 'dropMeta', rows: Rows[1]): void {
    committer.batch.rows.push([statement, rows])
    committer.touch()
  }

  return {
    /** The end of the copy, if the next effect is in doubt, in ms since the epoch. It is no longer in doubt then. */
    take(actor: string): number | undefined {
      const since = known.get(actor) ?? 0
      if (since <= 0) return undefined
      known.set(actor, -since)
      keep('meta', [[`doubt ${actor}`, -since]])
      return since
    },
    /** An actor sends to another one. */
    spread(from: string, ref: ActorRef): void {
      const since = known.size === 0 ? undefined : known.get(from)
      if (since === undefined) return
      const to = nameOf(ref)
      if (!isAtWork(to, undefined) || known.has(to) || found.activations.get(to)?.cell) return
      if (database.first('select 1 from cell where name = ?', [to])) return
      known.set(to, Math.abs(since))
      keep('meta', [[`doubt ${to}`, Math.abs(since)]])
    },
    /** An actor has changed. Once its work has ended, it is in no doubt, nor is what it starts later. */
    changed(actor: string, cell: Cell | undefined): void {
      if (!known.has(actor) || (cell && isAtWork(actor, cell.index ?? undefined))) return
      const ended = [...known.keys()].filter((name) => name === actor || worksFor(name) === actor)
      for (const name of ended) known.delete(name)
      keep(
        'dropMeta',
        ended.map((name) => [`doubt ${name}`]),
      )
    },
  }
}
