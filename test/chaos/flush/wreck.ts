import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Libsql from 'libsql'
import { WITNESS } from './life.ts'
import { LEDGER } from './tools.ts'
import { type Flush, linesOf, readWitness } from './witness.ts'

/** What a killed process left. */
export type Wreck = {
  /** all flushes that were told written, by this process and those before it */
  readonly told: readonly Flush[]
  /** the log as the file has it; what a checkpoint trimmed is missing at its head */
  readonly log: readonly Omit<Flush, 'over'>[]
  /** what an integrity check says of the file */
  readonly integrity: string
  readonly ledger: readonly string[]
}

export function inspectWreck(folder: string): Wreck {
  const told = readWitness(join(folder, WITNESS))
  return { told, ...readCopy(join(folder, 'data')), ledger: linesOf(join(folder, LEDGER)) }
}

// whoever opens the file also tidies it up, and the next process must find it as the killed one left it
function readCopy(data: string): Pick<Wreck, 'log' | 'integrity'> {
  const copy = mkdtempSync(`${data}-copy-`)
  for (const name of readdirSync(data).filter((name) => name.startsWith('engine.db')))
    cpSync(join(data, name), join(copy, name))
  const database = new Libsql(join(copy, 'engine.db'))
  try {
    const log = database.prepare('select seq, data log, ids from log order by seq').all([]) as Wreck['log']
    const [{ integrity_check }] = database.prepare('pragma integrity_check').all([]) as [{ integrity_check: string }]
    return { log: log.map((row) => ({ ...row })), integrity: integrity_check }
  } finally {
    database.close()
    rmSync(copy, { recursive: true })
  }
}
