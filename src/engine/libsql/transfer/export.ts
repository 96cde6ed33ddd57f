import { InvalidError } from '../../../errors.ts'
import { UNREADABLE_VERSION } from '../../../kernel/commit.ts'
import { nameOf, parseRef } from '../../../kernel/ref.ts'
import type { Cell, Envelope } from '../../../kernel/types.ts'
import type { Database } from '../../../store/database/database.ts'
import type { DeadLetter, NumberedEvent } from '../../engine.ts'
import { ID_RETENTION_MS } from '../../envelope.ts'
import { overtakes } from '../../mailbox.ts'
import type { EngineContents, StoredActor, StoredId } from '../../transfer.ts'
import type { KnownEntry } from '../codec.ts'
import { entryReply, unpackIds } from '../idempotency.ts'
import { type RecoveredState, recover } from '../log/recovery.ts'
import { type IdSink, openStoredIds } from '../stored/ids.ts'
import { readNames } from '../stored/names.ts'
import { readCell } from '../tables/cell.ts'
import { readDeadLetters } from '../tables/dead-letters.ts'
import { readEvents, readParts, snapshot } from '../view.ts'

/** Exports all data of a file that no process owns; `now` (ms) decides which ids are still remembered. */
export function exportLibsql(database: Database, now: number): EngineContents {
  const ids = new Map<string, StoredId>()
  const sink: IdSink = {
    // a later entry of the same id carries its reply
    restore: (_seq, entries) => {
      for (const entry of unpackIds(entries)) ids.set(entry[0], idOf(entry))
    },
    restoreDamaged: (seq) => {
      throw damaged(`idempotency ${seq}`)
    },
    damaged: () => {},
  }
  const stored = openStoredIds(database, sink)
  while (stored.readMore());
  const past = recover(database, sink)
  if (past.damaged.length > 0) throw damaged(past.damaged.join(', '))
  const untaken = new Set([...past.pending.values()].map(({ envelope }) => envelope.id))
  const names = [...new Set([...readNames(database), ...past.activations.keys()])].sort()
  return {
    async *actors() {
      for (const name of names) {
        const cell = cellOf(database, past, name)
        if (cell) yield await readActor(database, past, name, cell)
      }
    },
    async *index() {
      for (const name of names) {
        const index = cellOf(database, past, name)?.index
        if (index) yield [name, index]
      }
    },
    async *mail() {
      for (const { envelope, outcomes } of inOrder(past)) yield { envelope, outcomes: outcomes ?? new Map() }
    },
    async *letters() {
      yield* lettersOf(database, past).values()
    },
    async *ids() {
      for (const id of ids.values()) if (id.at >= now - ID_RETENTION_MS && !untaken.has(id.id)) yield id
    },
  }
}

function damaged(what: string): InvalidError {
  return new InvalidError(`The stored data of ${what} is damaged and cannot be moved.`, {
    code: 'damaged',
    hint: 'Stop that actor, or restore a backup.',
  })
}

function idOf(entry: KnownEntry): StoredId {
  const [id, use, at] = entry
  const reply = entryReply(entry)
  return { id, use, at, ...(reply && { reply }) }
}

function cellOf(database: Database, { activations }: RecoveredState, name: string): Cell | undefined {
  const activation = activations.get(name)
  const cell = activation ? activation.cell : readCell(database, name)
  if (cell?.version === UNREADABLE_VERSION) throw damaged(name)
  return cell
}

async function readActor(database: Database, past: RecoveredState, name: string, cell: Cell): Promise<StoredActor> {
  const activation = past.activations.get(name)
  const parts: StoredActor['parts'][number][] = []
  for await (const part of readParts(database, name, async () => snapshot(activation), {})) parts.push(part)
  const events: NumberedEvent[] = []
  for (let last = 0; last < cell.events; last = events.at(-1)!.n) {
    const page = readEvents(database, name, activation, last, Number.POSITIVE_INFINITY)
    if (page.length === 0) break
    events.push(...page)
  }
  return { of: parseRef(name), cell, parts, events }
}

/** Control messages come first: an engine with a queue would otherwise process them after messages that they cancel. */
function inOrder({ pending }: RecoveredState) {
  const byActor = Map.groupBy(pending.values(), ({ envelope }) => nameOf(envelope.to))
  const isFirst = ({ envelope }: { readonly envelope: Envelope }) => Number(!overtakes(envelope))
  return [...byActor.values()].flatMap((mail) => mail.toSorted((a, b) => isFirst(a) - isFirst(b)))
}

function lettersOf(database: Database, past: RecoveredState): ReadonlyMap<string, DeadLetter> {
  const letters = readDeadLetters(database, 0)
  for (const [id, letter] of past.letters) {
    if (letter) letters.set(id, letter)
    else letters.delete(id)
  }
  return letters
}
