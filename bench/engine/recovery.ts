import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
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
  begin: (engine: Awaited<ReturnType<typeof openEngine>>) => Promise<unknown> = async () => {},
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

async function leaveBehind(folder: string): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'hang.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const ready = once(createInterface(child.stdout), 'line')
  await Promise.race([ready, ended])
  if (!child.kill('SIGKILL')) throw new Error(`the process to be killed ended by itself with ${child.exitCode}`)
  await ended
}
