import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkIntegrity, killRepeatedly, openFileLedger, type ProgramLife } from '../../../trials/index.ts'
import type { Settings } from './child.ts'
import { type Entry, judge, type Verdict } from './judge.ts'
import { clientsOf, type Done, type Strand } from './strand.ts'
import { strands } from './strands.ts'

export type Load = { readonly kills: number; readonly seconds?: number; readonly seed: number }

type Checkpoint = Settings['checkpoint']
// in short lives small ones go full circle: written, marked, trimmed
const CHECKPOINTS: [Checkpoint, ...Checkpoint[]] = [
  null,
  { bytes: 1, chunk: 1, trim: 1 },
  { bytes: 1, chunk: 64, trim: 64 },
  { bytes: 5_000, chunk: 32, trim: 16 },
  { bytes: 30_000, chunk: 8, trim: 16, cacheBytes: 5_000 },
]

/** Kills a process under load again and again, lets the last one end, and judges by what was written down. */
export async function killUnderLoad(
  load: Load,
  progress = (_kills: number) => {},
): Promise<Verdict & { kills: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-load-'))
  const ledger = openFileLedger(join(folder, 'ledger'))
  const entries: Entry[] = []
  const broken: string[] = []
  const done: { [client: string]: number } = {}

  function read(): void {
    for (const entry of ledger.read() as unknown as Entry[]) {
      entries.push(entry)
      if (entry.what !== 'done') continue
      const { client, n } = entry as unknown as Done
      done[client] = Math.max(n, done[client] ?? 0)
    }
  }

  function settings({ number, isLast, random }: ProgramLife): Settings {
    const writer = random.pick<Settings['writer']>(['thread', 'main'])
    const checkpoint = random.pick(CHECKPOINTS)
    return { folder, life: number, isLast, writer, checkpoint, done }
  }

  function inspect({ number }: ProgramLife): void {
    read()
    const integrity = checkIntegrity(join(folder, 'engine.db'))
    if (integrity !== 'ok') broken.push(`after kill ${number} the file is not whole: ${integrity}`)
    progress(number)
  }

  // a load that stands still would prove nothing
  const enough = () => strands.every((strand) => workOf(strand) > load.kills / 2)
  const workOf = (strand: Strand) => clientsOf(strand).reduce((sum, client) => sum + (done[client] ?? 0), 0)

  try {
    const program = join(import.meta.dirname, 'child.ts')
    const kills = await killRepeatedly({ ...load, program, settings, inspect, enough })
    read()
    const verdict = judge(entries, strands)
    return { ...verdict, kills, faults: [...broken, ...verdict.faults] }
  } finally {
    ledger.close()
    rmSync(folder, { recursive: true })
  }
}
