import { appendFileSync } from 'node:fs'
import { type Database, type DatabaseOptions, openDatabase } from '../../../src/store/database.ts'

/** When a process dies: right before flush number `flush` of its life goes to the writer, or right after it was told written. */
export type Kill = { readonly side: 'before' | 'after'; readonly flush: number }

/** A database that notes each flush which was told written as a line `seq log` of the file `witness`, and kills its process at `kill`. */
export async function openWitnessed(options: DatabaseOptions, witness: string, kill?: Kill): Promise<Database> {
  const database = await openDatabase(options)
  let flushes = 0
  let text = ''
  const dieAt = (side: Kill['side']) => {
    if (kill?.side === side && kill.flush === flushes) process.kill(process.pid, 'SIGKILL')
  }
  return {
    ...database,
    write(write) {
      flushes++
      dieAt('before')
      text = `${write.seq} ${write.log}\n`
      database.write(write)
    },
    // one flush is under way at a time, so what was told written is the last one given
    onWritten: (listener) =>
      database.onWritten((seq) => {
        appendFileSync(witness, text)
        dieAt('after')
        listener(seq)
      }),
  }
}
