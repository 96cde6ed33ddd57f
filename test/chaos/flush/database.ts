import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { LogRow } from '../../../src/engine/libsql/codec.ts'
import type { Database, Write } from '../../../src/store/database/database.ts'
import { type DatabaseOptions, openDatabase } from '../../../src/store/database/open.ts'

/**
 * When a process dies: right before a flush goes to the writer, or right after it was written. The flush is given by its number,
 * by a text that it contains, or as the first one after a line that ends with a text was written to the ledger.
 */
export type Kill = {
  readonly side: 'before' | 'after'
  readonly flush: number | string | { readonly afterLine: string }
  /** the number of the flush among those that contain the text; the first one without it */
  readonly nth?: number
}

/** Where a flush that was told written is noted: as its number, log, ids and who was over in one file, as `flush seq` among the calls of tools in the other. */
export type Notes = { readonly witness: string; readonly ledger: string }

/** A database that notes each flush which was told written, and kills its process at `kill`. */
export async function openWitnessed(options: DatabaseOptions, notes: Notes, kill?: Kill): Promise<Database> {
  const database = await openDatabase(options)
  let flushes = 0
  let text = ''
  let matches = 0
  const isMeant = (flush: Kill['flush']) => {
    if (typeof flush === 'number') return flush === flushes
    if (typeof flush === 'string') return text.includes(flush) && ++matches === (kill?.nth ?? 1)
    return existsSync(notes.ledger) && readFileSync(notes.ledger, 'utf8').includes(`${flush.afterLine}\n`)
  }
  const dieAt = (side: Kill['side']) => {
    if (kill?.side !== side) return
    if (isMeant(kill.flush)) process.kill(process.pid, 'SIGKILL')
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
