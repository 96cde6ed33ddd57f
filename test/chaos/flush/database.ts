import { appendFileSync } from 'node:fs'
import type { LogRow } from '../../../src/engine/libsql/codec.ts'
import type { Database, Write } from '../../../src/store/database/database.ts'
import { type DatabaseOptions, openDatabase } from '../../../src/store/database/open.ts'

/** When a process dies: right before a flush goes to the writer, or right after it was told written; it is that of a number, or the first that holds a text. */
export type Kill = { readonly side: 'before' | 'after'; readonly flush: number | string }

/** Where a flush that was told written is noted: as its number, log, ids and who was over in one file, as `flush seq` among the calls of tools in the other. */
export type Notes = { readonly witness: string; readonly ledger: string }

/** A database that notes each flush which was told written, and kills its process at `kill`. */
export async function openWitnessed(options: DatabaseOptions, notes: Notes, kill?: Kill): Promise<Database> {
  const database = await openDatabase(options)
  let flushes = 0
  let text = ''
  const dieAt = (side: Kill['side']) => {
    if (kill?.side !== side) return
    const isMeant = typeof kill.flush === 'number' ? kill.flush === flushes : text.includes(kill.flush)
    if (isMeant) process.kill(process.pid, 'SIGKILL')
  }
  return {
    ...database,
    write(write) {
      flushes++
      text = `${write.seq}\t${write.log}\t${write.ids ?? ''}\t${JSON.stringify(overIn(write))}\n`
      dieAt('before')
      database.write(write)
    },
    // one flush is under way at a time, so what was told written is the last one given
    onWritten: (listener) =>
      database.onWritten((seq) => {
        appendFileSync(notes.witness, text)
        appendFileSync(notes.ledger, `flush ${seq}\n`)
        dieAt('after')
        listener(seq)
      }),
  }
}

/** The actors that were over with a flush, each with its inlined text. */
function overIn({ log, rows = [] }: Write): readonly (readonly [name: string, inlined: string])[] {
  const { finished = [] } = JSON.parse(log) as LogRow
  const cells = rows.flatMap(([statement, values]) => (statement === 'cell' ? values : []))
  return finished.map((name) => [name, String(cells.find(([other]) => other === name)![3])])
}
