import { STEPS } from './actors.ts'
import type { Load } from './loads.ts'

/** Something that loads are put on. Each operation resolves when its outcome is durable. */
export interface Target {
  /** Adds one to the total of a key; resolves with it. */
  update(key: string): Promise<number>
  /** A new run of ten steps, one after another; resolves with what the last one made. */
  run(id: string): Promise<number>
  /** A new run of a thousand steps at once; resolves with how many ended. */
  fanOut(id: string): Promise<number>
  /** what was written so far, in how many commits */
  counts(): { readonly rows: number; readonly commits: number }
  close(): Promise<void>
}

/** One operation of that load by a client; rejects when its outcome is wrong, so that nothing fast and false is measured. */
export function operationOf(target: Target, load: Load, prefix = ''): (client: number) => Promise<void> {
  const totals = new Map<string, number>()
  let runs = 0
  if (load.operation === 'run') return async () => check(await target.run(`${prefix}r${runs++}`), STEPS.run)
  if (load.operation === 'fan-out') return async () => check(await target.fanOut(`${prefix}f${runs++}`), STEPS.fanOut)
  return async (client) => {
    const key = `${prefix}k${load.keys === undefined ? client : Math.floor(Math.random() * load.keys)}`
    const total = await target.update(key)
    // two clients may be at a random key at once, so the replies may come in another order
    if (load.keys === undefined) check(total, (totals.get(key) ?? 0) + 1)
    totals.set(key, total)
  }
}

function check(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`the outcome was ${actual} instead of ${expected}`)
}
