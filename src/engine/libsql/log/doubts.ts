import { nameOf } from '../../../kernel/ref.ts'
import type { ActorRef } from '../../../kernel/types.ts'
import type { Database, Rows } from '../../../store/database/database.ts'
import type { Committer } from './committer.ts'
import type { RecoveredState } from './recovery.ts'

export type Doubts = ReturnType<typeof openDoubts>

/**
 * The actors that an earlier machine may have brought further after the end of the copy that this file was restored
 * from: the open ones of some kinds, and those that they start. The first at-most-once effect of each is in doubt.
 */
export function openDoubts(
  database: Database,
  found: Pick<RecoveredState, 'activations' | 'pending'>,
  committer: Committer,
  kinds: readonly string[] = [],
) {
  // 0: it was asked about
  const known = new Map<string, number>()
  const read = "select substr(name, 7) actor, value from meta where name >= 'doubt ' and name < 'doubt!'"
  for (const { actor, value } of database.all<{ actor: string; value: number }>(read)) known.set(actor, value)
  const end = database.first<{ readonly value: number }>("select value from meta where name = 'restored'")?.value ?? 0
  const isOpen = (name: string) => kinds.includes(name.slice(0, name.indexOf('/')))
  const stored = 'select name from cell where index_fields is null or instr(index_fields, \'"finishedAt"\') = 0'
  if (end > 0) {
    const names = [
      ...database.all<{ readonly name: string }>(stored).map(({ name }) => name),
      ...found.activations.keys(),
      ...[...found.pending.values()].map(({ envelope }) => nameOf(envelope.to)),
    ]
    for (const name of names.filter(isOpen)) known.set(name, end)
    keep([['restored', 0], ...[...known].map(([name, value]) => [`doubt ${name}`, value] as const)])
  }

  function keep(rows: Rows[1]): void {
    committer.batch.rows.push(['meta', rows])
    committer.touch()
  }

  return {
    /** The end of the copy, if the next effect is in doubt, in ms since the epoch. It is no longer in doubt then. */
    take(actor: string): number | undefined {
      const since = known.get(actor)
      if (!since) return undefined
      known.set(actor, 0)
      keep([[`doubt ${actor}`, 0]])
      return since
    },
    /** An actor sends to another one. */
    spread(from: string, ref: ActorRef): void {
      const since = known.size === 0 ? undefined : known.get(from)
      if (since === undefined) return
      const to = nameOf(ref)
      if (!isOpen(to) || known.has(to) || found.activations.get(to)?.cell) return
      if (database.first('select 1 from cell where name = ?', [to])) return
      known.set(to, since || Date.now())
      keep([[`doubt ${to}`, known.get(to)!]])
    },
  }
}
