import { join } from 'node:path'
import type { LibsqlEngine } from '../../src/engine/libsql/engine.ts'
import { startChild } from '../children.ts'
import type { Figures, Task } from '../task.ts'
import { run, stepOf } from './actors.ts'
import { openEngine } from './antiphon.ts'

/** How many runs are in flight when the process is killed. */
export const RUNS = 10_000

/** Kills a process whose runs all wait for an effect; ms from opening its file until each effect runs again. */
export async function measure({ folder }: Task): Promise<Figures> {
  await leaveBehind(folder)
  const start = performance.now()
  await startHanging(folder)
  return { milliseconds: performance.now() - start }
}

/** Opens the engine and resolves, once it has taken up what it found and what `begin` adds, when every run's effect hangs. */
export async function startHanging(
  folder: string,
  begin: (engine: LibsqlEngine) => Promise<unknown> = async () => {},
): Promise<void> {
  const all = Promise.withResolvers<void>()
  let hanging = 0
  const step = stepOf('idempotent', () => {
    if (++hanging === RUNS) all.resolve()
    return new Promise<number>(() => {})
  })
  const engine = await openEngine(folder, [run, step])
  await engine.start()
  await begin(engine)
  await all.promise
}

/** ms until all hang */
const LONGEST = 20_000

async function leaveBehind(folder: string): Promise<void> {
  const child = startChild(join(import.meta.dirname, 'hang.ts'))
  const pid = await child.ask<number>({ folder }, LONGEST)
  process.kill(pid, 'SIGKILL')
  await child.end()
}
