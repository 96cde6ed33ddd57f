import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../../src/config/config.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import { type Kill, openWitnessed } from '../../chaos/flush/database.ts'

/** One process on a data folder that takes files, and when it dies. */
export type Life = { readonly folder: string; readonly kill?: Kill }

/** The bytes of the files, of several sizes. */
export const FILES: readonly Buffer[] = [10, 70_000, 400_000, 1_200_000].map((size, n) =>
  Buffer.alloc(size, `file ${n} `),
)

export const idOf = (bytes: Buffer) => `file_${createHash('sha256').update(bytes).digest('hex')}`

export async function open({ folder, kill }: Life) {
  mkdirSync(folder, { recursive: true })
  const notes = { witness: join(folder, 'witness'), ledger: join(folder, 'ledger') }
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await openRuntime(
    { ...config, embedder: 'none', durability: 'process' },
    { openDatabase: (options) => openWitnessed(options, notes, kill), notice: () => {} },
  )
  await runtime.engine.start()
  return runtime
}

/** Adds all files and removes the second one. `answered` notes what was answered. */
export async function live(life: Life) {
  const runtime = await open(life)
  const note = (line: string) => appendFileSync(join(life.folder, 'answered'), `${line}\n`)
  for (const bytes of FILES) {
    const { file } = await runtime.files.add(bytes, { name: 'a.txt', owner: 'ann', use: 'thread/main' })
    note(`added ${file}`)
  }
  const gone = idOf(FILES[1]!)
  await runtime.files.remove(gone, { owner: 'ann' })
  note(`removed ${gone}`)
  return runtime
}
