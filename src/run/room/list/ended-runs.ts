import type { Clock } from '../../../engine/engine.ts'
import type { RunSummary } from '../documents.ts'

/** Characters that are kept in all. */
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
  readonly #known = new Map<string, unknown>()
  readonly #kept: { readonly name: string; readonly chars: number }[] = []
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
    if (this.#known.has(name)) return this.#known.get(name) as Value
    const value = await read()
    if (!this.#known.has(name)) this.#keep(name, value)
    return value
  }

  #keep(name: string, value: unknown): void {
    const chars = ENTRY_CHARS + (typeof value === 'string' ? value.length : 0)
    while (this.#chars + chars > MAX_CHARS && this.#kept.length > 0) this.#dropOne()
    this.#known.set(name, value)
    this.#kept.push({ name, chars })
    this.#chars += chars
  }

  /** Any of them: if the oldest went, a list with more facts would drop each before the next list comes to it. */
  #dropOne(): void {
    const at = Math.floor(Math.random() * this.#kept.length)
    const last = this.#kept.pop()!
    const { name, chars } = this.#kept[at] ?? last
    if (at < this.#kept.length) this.#kept[at] = last
    this.#known.delete(name)
    this.#chars -= chars
  }

  #forgetUnused(): void {
    const now = this.#clock.elapsed()
    if (now - this.#askedAt > UNUSED_MS) {
      this.#known.clear()
      this.#kept.length = 0
      this.#chars = 0
    }
    this.#askedAt = now
  }
}
