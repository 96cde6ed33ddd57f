import { isWithinSize, KERNEL_LIMITS } from '../../kernel/limits.ts'
import type { Json } from '../../kernel/schema.ts'
import { ownValue } from '../../lib/own.ts'

/** The results of the effects of a phase, by effect name. */
export type MemoEntries = { readonly [asked: string]: Json }

/** The results of effects of this turn, and of an earlier turn that had to wait for budget. */
export interface Memo {
  /** Returns the recorded reply to this prompt, else the result of `ask`. */
  once<T>(asked: string, ask: () => Promise<T>): Promise<T>
  entries(): MemoEntries
}

/** A memo that starts with the entries of an earlier turn. */
export function createMemo(before: MemoEntries = {}): Memo {
  const told: { [asked: string]: Json } = { ...before }
  return {
    async once<T>(asked: string, ask: () => Promise<T>): Promise<T> {
      const known = ownValue(told, asked) ?? ((await ask()) as Json)
      told[asked] = known
      return known as T
    },
    entries: () => told,
  }
}

/** As many of the first entries as fit into a part. An effect without an entry runs again. */
export function fitMemo(told: MemoEntries): MemoEntries {
  const names = Object.keys(told)
  const firsts = (count: number): MemoEntries =>
    Object.fromEntries(names.slice(0, count).map((name) => [name, told[name]!]))
  const tooMany = names.findIndex((_, at) => !isWithinSize(firsts(at + 1), KERNEL_LIMITS.body))
  return tooMany === -1 ? told : firsts(tooMany)
}
