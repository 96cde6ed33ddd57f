import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Figures, Task } from '../task.ts'
import { createIds } from './antiphon.ts'
import { openRuntime, startOf, writePipeline } from './pipeline.ts'

const PORTIONS = 10
const PORTION = 10_000
const CLIENTS = 64
/** the portion after which as many runs lie there as retention leaves */
const FULL = 3

/** How large the database is (MB) after 100 000 runs of which retention keeps 10 000, and what each of the last 70 000 added (bytes). */
export async function measure({ folder }: Task): Promise<Figures> {
  const runtime = await openRuntime(folder)
  const start = await startOf(runtime, await writePipeline(folder, 1))
  const nextId = createIds()
  const sizes: number[] = []
  for (let portion = 0; portion < PORTIONS; portion++) {
    const last = (portion + 1) * PORTION
    let next = portion * PORTION
    const work = async () => {
      while (next < last) await runtime.engine.ask({ kind: 'run', key: `run${next++}` }, start, { id: nextId() })
    }
    await Promise.all(Array.from({ length: CLIENTS }, work))
    await runtime.maintenance.gc()
    sizes.push(await sizeOf(runtime.data))
  }
  await runtime.stop()
  const size = sizes.at(-1)!
  return { megabytes: size / 1e6, perRun: (size - sizes[FULL - 1]!) / ((PORTIONS - FULL) * PORTION) }
}

/** Bytes of the database and of what lies beside it. */
async function sizeOf(folder: string): Promise<number> {
  const files = (await readdir(folder)).filter((name) => name.startsWith('engine.db'))
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
