import { CancelledError, InvalidError } from '../../errors.ts'

/** Races of waits: when one ends, the others are withdrawn, so that no signal goes to a wait that lost. */
export class Races {
  /** what withdraws a wait, or the waits of a race, by the promise that the function has */
  private readonly withdrawals = new WeakMap<object, () => void>()

  /** Lets a race withdraw what is behind a promise. */
  add(promise: Promise<unknown>, withdraw: () => void): void {
    this.withdrawals.set(promise, withdraw)
  }

  /** As `Promise.race`. The waits among the others are withdrawn before the function goes on. */
  run(given: unknown): Promise<unknown> {
    const promises = listOf(given)
    const withdraw = () => {
      for (const one of promises) if (typeof one === 'object' && one !== null) this.withdrawals.get(one)?.()
    }
    const first = Promise.race(promises).finally(withdraw)
    this.add(first, withdraw)
    return first
  }
}

function listOf(given: unknown): readonly unknown[] {
  const list =
    typeof given === 'object' && given !== null && Symbol.iterator in given ? [...(given as Iterable<unknown>)] : []
  if (list.length > 0) return list
  throw new InvalidError('ctx.race: expected a list of promises with at least one.', {
    hint: "Write ctx.race([ctx.signal('paid'), ctx.sleep('1d')]).",
  })
}

/** The error of a wait that lost its race. */
export const withdrawn = (id: string) =>
  new CancelledError(`The wait \`${id}\` was withdrawn: another promise of its race came first.`, { code: 'withdrawn' })
