import type { Clock } from '../../../engine/engine.ts'
import type { RunSummary } from '../documents.ts'

/** Characters that are kept in all; the oldest go first. */
const MAX_CHARS = 4_000_000
/** ms without a question after which all is forgotten */
const UNUSED_MS = 600_000
/** ms after the end of a run in which a late call may still be booked */
const SETTLED_MS = 10_000
/** The share of a value beside its text. */
const ENTRY_CHARS = 100

/**
 * Facts of ended runs that filters read. They change no more, so lists without a table remember them. A list picks runs
 * by their index first, so a run that was erased is found in no list.
 */
export class EndedRuns {
  readonly #clock: Pick<Clock, 'now' | 'elapsed'>
  readonly #known = new Map<string, { readonly value: unknown; readonly chars: number }>()
  #chars = 0
  #askedAt = 0

  constructor(clock: Pick<Clock, 'now' | 'elapsed'>) {
    this.#clock = clock
  }

  /** Reads a fact of a run, or remembers it. */
  async read<Value>(fact: string, { id, finishedAt }: RunSummary, read: () => Promise<Value>): Promise<Value> {
    this.#forgetUnused()
    if (finishedAt === undefined || this.#clock.now() - finishedAt < SETTLED_MS) return read()
    const name = `${fact} ${id}`
    const known = this.#known.get(name)
    if (known) return known.value as Value
    const value = await read()
    if (!this.#known.has(name)) this.#keep(name, value)
    return value
  }

  #keep(name: string, value: unknown): void {
    const chars = ENTRY_CHARS + (typeof value === 'string' ? value.length : 0)
    this.#known.set(name, { value, chars })
    this.#chars += chars
    for (const [oldest, entry] of this.#known) {
      if (this.#chars <= MAX_CHARS) return
      this.#known.delete(oldest)
      this.#chars -= entry.chars
    }
  }

  #forgetUnused(): void {
    const now = this.#clock.elapsed()
    if (now - this.#askedAt > UNUSED_MS) {
      this.#known.clear()
      this.#chars = 0
    }
    this.#askedAt = now
  }
}
