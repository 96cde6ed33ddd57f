import { nameOf } from '../../../kernel/ref.ts'
import type { Database, Rows } from '../../../store/database/database.ts'
import { openDatabase } from '../../../store/database/open.ts'
import { idUse } from '../../envelope.ts'
import type { EngineContents, StoredActor, StoredId, StoredMail } from '../../transfer.ts'
import { type KnownEntry, packMailRow } from '../codec.ts'
import { packIds } from '../idempotency.ts'
import { encodeCell } from '../tables/cell.ts'
import { SCHEMA, STATEMENTS } from '../tables/schema.ts'

/** Rows per transaction. */
const PORTION = 1_000

/** Writes everything into a new file at `path`. The file then looks like that of a stopped engine. */
export async function importLibsql(path: string, contents: EngineContents): Promise<void> {
  const database = await openAtRest(path)
  try {
    await fill(database, contents)
  } finally {
    await database.close()
  }
}

/** The file of an engine that does not run. */
export function openAtRest(path: string): Promise<Database> {
  return openDatabase({ path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL', writer: 'main' })
}

async function fill(database: Database, contents: EngineContents): Promise<void> {
  const page = createPage(database)
  for await (const actor of contents.actors()) page.add(rowsOfActor(actor))
  for await (const letter of contents.letters()) page.add([['letter', [[letter.id, JSON.stringify(letter)]]]])
  const ids: StoredId[] = []
  for await (const id of contents.ids()) ids.push(id)
  let row = 0
  for await (const mail of contents.mail()) {
    page.add(rowsOfMail(mail, ++row))
    const { id, from, to, replyTo, createdAt } = mail.envelope
    if (from === null) ids.push({ id, use: idUse(to, replyTo?.kind === 'reply'), at: createdAt })
  }
  // ids expire by row, oldest first
  const inOrder = ids.sort((a, b) => a.at - b.at)
  for (let at = 0; at < inOrder.length; at += PORTION) page.tell(packIds(inOrder.slice(at, at + PORTION)))
  page.end()
}

function createPage(database: Database) {
  let failure: Error | undefined
  let seq = 0
  let rows: Rows[] = []
  let count = 0
  database.onFailed((error) => (failure = error))

  function write(more: { readonly ids?: string } = {}): void {
    database.write({ seq: ++seq, log: '{}', rows, ...more })
    if (failure) throw failure
    rows = []
    count = 0
  }

  return {
    add(more: readonly Rows[]): void {
      rows.push(...more)
      count += more.reduce((sum, [, values]) => sum + values.length, 0)
      if (count >= PORTION) write()
    },
    tell: (entries: readonly KnownEntry[]) => write({ ids: JSON.stringify(entries) }),
    /** The log holds nothing that the tables lack. */
    end(): void {
      rows.push(['marker', [[seq + 1]]])
      write()
    },
  }
}

function rowsOfActor({ of, cell, parts, events }: StoredActor): Rows[] {
  const name = nameOf(of)
  const stored = encodeCell(cell)
  return [
    ['cell', [[name, stored.cell, stored.index, null]]],
    ['part', parts.map(([part, value]) => [name, part, JSON.stringify(value)])],
    ['event', events.map(({ n, correlationId, body }) => [name, n, correlationId, JSON.stringify(body)])],
  ]
}

function rowsOfMail({ envelope, outcomes }: StoredMail, n: number): Rows[] {
  return [
    ['mail', [[n, envelope.id, ...packMailRow(envelope)]]],
    ['outcome', [...outcomes].map(([key, outcome]) => [envelope.id, key, JSON.stringify(outcome)])],
  ]
}
