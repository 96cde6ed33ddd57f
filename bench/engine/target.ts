import type { Task } from '../task.ts'
import { STEPS } from './actors.ts'
import type { Load } from './loads.ts'

/** Something that a load is put on. */
export type Target = {
  /** The load's operation on a key (update) or under an id of its own (the others); resolves with its outcome, durable. */
  perform(key: string): Promise<number>
  /** rows or turns written so far, in how many commits; absent where nobody can tell */
  counts?(): { readonly rows: number; readonly commits: number }
}

/** How a target is made ready for a load. */
export type OpenTarget = (load: Load, task: Task) => Promise<Target>

/** One operation by a client; rejects when its outcome is wrong, so that nothing fast and false is measured. */
export function operationOf({ perform }: Target, load: Load, { id }: Task): (client: number) => Promise<void> {
  const { operation, keys } = load
  let runs = 0
  if (operation !== 'update') return async () => check(await perform(`${id}r${runs++}`), OUTCOMES[operation])
  if (keys !== undefined) return async () => checkPositive(await perform(`${id}k${Math.floor(Math.random() * keys)}`))
  const totals: number[] = []
  return async (client) => {
    totals[client] = (totals[client] ?? 0) + 1
    check(await perform(`${id}k${client}`), totals[client])
  }
}

const OUTCOMES = { run: STEPS.run, effects: STEPS.run, 'fan-out': STEPS.fanOut }

function check(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`the outcome was ${actual} instead of ${expected}`)
}

/** All that is known of the total of a key that other clients may be at, too. */
function checkPositive(total: number): void {
  if (!(total > 0)) throw new Error(`the total was ${total}`)
}
