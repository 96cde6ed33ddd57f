import type { Json } from '../../kernel/json.ts'
import { isWithinSize, KERNEL_LIMITS } from '../../kernel/limits.ts'

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
  const entries: { [asked: string]: Json } = { ...before }
  return {
    async once<T>(asked: string, ask: () => Promise<T>): Promise<T> {
      const known = Object.hasOwn(entries, asked) ? entries[asked]! : ((await ask()) as Json)
      entries[asked] = known
      return known as T
    },
    entries: () => entries,
  }
}

/** The beginning of the name of an effect that is the phase's own code. */
export const RUN = 'run/'

/** As many of the first entries as fit into a part, those of `run` first. An effect without an entry runs again. */
export function fitMemo(entries: MemoEntries): MemoEntries {
  const isRun = (name: string) => name.startsWith(RUN)
  const names = Object.keys(entries).sort((one, other) => Number(isRun(other)) - Number(isRun(one)))
  const firsts = (count: number): MemoEntries =>
    Object.fromEntries(names.slice(0, count).map((name) => [name, entries[name]!]))
  const tooMany = names.findIndex((_, at) => !isWithinSize(firsts(at + 1), KERNEL_LIMITS.body))
  return tooMany === -1 ? entries : firsts(tooMany)
}
