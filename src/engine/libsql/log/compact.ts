import { UNREADABLE_VERSION } from '../../../kernel/commit.ts'
import { nameOf } from '../../../kernel/ref.ts'
import type { Envelope } from '../../../kernel/types.ts'
import { checkedTexts, SEPARATOR } from '../../../store/database/checked-row.ts'
import type { Database, Value } from '../../../store/database/database.ts'
import { REBUILD } from '../../../store/database/writer.ts'
import type { Clock } from '../../engine.ts'
import type { PoisonGuard } from '../../poison.ts'
import type { QueuedMessage } from '../activation/activation.ts'
import { packEntries, unpackIds } from '../idempotency.ts'
import type { Router } from '../router.ts'
import { readCell } from '../tables/cell.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Committer } from './committer.ts'
import type { RecoveredState } from './recovery.ts'

type Parts = {
  readonly database: Database
  readonly committer: Committer
  readonly checkpoint: Checkpoint
  readonly clock: Clock
  readonly router: Router
  readonly poisonGuard: PoisonGuard<QueuedMessage>
} & Pick<RecoveredState, 'activations' | 'pending'>

/** Moves the log into the tables, forgets ids of some requests and what nobody waits for, and writes the file anew. */
export async function compactFile(
  { database, committer, checkpoint, clock, router, poisonGuard, activations, pending }: Parts,
  isForgotten: (actor: string) => boolean,
): Promise<boolean> {
  router.takeStale((timer) => isStale(database, activations, timer))
  poisonGuard.forget((id) => pending.get(id)?.taken !== 0)
  await committer.settled()
  checkpoint.hasten(committer.durable)
  while (checkpoint.isBehind()) {
    committer.touch()
    await new Promise<void>((resolve) => clock.soon(resolve))
    await committer.settled()
  }
  const { batch } = committer
  batch.rows.push(['changeIds', idsWithout(database, isForgotten)], [REBUILD, []])
  committer.touch()
  await committer.whenDurable(batch.seq)
  const [rebuilt] = database.all<{ readonly value: number }>("select value from meta where name = 'rebuilt'")
  return rebuilt !== undefined && rebuilt.value >= batch.seq
}

/** Whether the actor of a timer is gone, or has set the timer again. A damaged cell does not say. */
function isStale(database: Database, activations: Parts['activations'], { to, timer, id }: Envelope): boolean {
  const activation = activations.get(nameOf(to))
  const cell = activation ? activation.cell : readCell(database, nameOf(to))
  return cell?.version !== UNREADABLE_VERSION && cell?.timers[timer!] !== id
}

type IdsRow = { readonly seq: number; readonly ids: ArrayBuffer; readonly sum: number }

/** The rows of ids that change, without the ids of requests to these actors. Their replies go with them. */
function idsWithout(database: Database, isForgotten: (actor: string) => boolean): readonly (readonly Value[])[] {
  const rows = database.all<IdsRow>('select seq, cast(ids as blob) ids, sum from idempotency')
  return rows.flatMap(({ seq, ids, sum }) => {
    const texts = checkedTexts(ids, sum, seq)
    // a damaged row stays: its ids refuse repeated requests
    if (!texts) return []
    const entries = unpackIds(JSON.parse(texts.join(SEPARATOR)))
    const left = entries.filter(([, use]) => !isForgotten(use.slice(use.indexOf(' ') + 1)))
    return left.length === entries.length ? [] : [[seq, JSON.stringify(packEntries(left))]]
  })
}
