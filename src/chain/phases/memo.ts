import { fitsIn, LIMITS } from '../../kernel/limits.ts'
import type { Json } from '../../kernel/schema.ts'

/** What a phase was told, by what it asked: its thoughts and its looks at the sources, by their numbers. */
export type Told = { readonly [asked: string]: Json }

/** What a phase was told in an earlier turn and is told in this one. */
export interface Recall {
  /** What it was told on that, else what `ask` comes to. */
  once<T>(asked: string, ask: () => Promise<T>): Promise<T>
  told(): Told
}

/** What is recalled in a turn, or in one that goes on where an earlier one had to wait. */
export function createRecall(before: Told = {}): Recall {
  const told: { [asked: string]: Json } = { ...before }
  return {
    async once<T>(asked: string, ask: () => Promise<T>): Promise<T> {
      told[asked] ??= (await ask()) as Json
      return told[asked] as T
    },
    told: () => told,
  }
}

/** As much of it as a part holds, the first first: what is left out is asked again. */
export function boundedTold(told: Told): Told {
  const names = Object.keys(told)
  const firsts = (count: number): Told => Object.fromEntries(names.slice(0, count).map((name) => [name, told[name]!]))
  const tooMany = names.findIndex((_, at) => !fitsIn(firsts(at + 1), LIMITS.body))
  return tooMany === -1 ? told : firsts(tooMany)
}
