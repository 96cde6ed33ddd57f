import { rmSync } from 'node:fs'
import { type Clock, type EngineView, inspectOne } from '../../../engine/engine.ts'
import { KIND, runRef } from '../../../house/actors.ts'
import { byStart, placeIn } from '../../../house/paging.ts'
import { unlessDamaged } from '../../../kernel/faults.ts'
import type { ActorIndex } from '../../../kernel/types.ts'
import { pause } from '../../../lib/time/pause.ts'
import { costOf, type MatchReader, problemOf, searchedText } from './pick.ts'
import type { RunRow, RunRows } from './run-rows.ts'
import { isListed, summaryOf } from './summary.ts'
import type { WatchActors } from './waiting-runs.ts'

/** ms between two looks at what has changed */
const LOOK_MS = 1000
/** ms without a question after which the table is removed */
const UNUSED_MS = 600_000
/** ms after a failure before the table is made again */
const AFTER_FAILURE_MS = 60_000
/** Runs of a page of the list, and runs that are read before others work. */
const PAGE = 500
const READ_AT_ONCE = 50
const RUN = `${KIND.run}/`

type Parts = MatchReader & {
  readonly path: string
  readonly view: EngineView
  readonly clock: Clock
  readonly watch: WatchActors
}

/**
 * A table of runs for questions that the indexes of their cells answer slowly: numbers, and texts in inputs and errors.
 * It is made in the background once a list is long, follows the commits of the engine, and is removed when nobody asks.
 * Lists read the cells until it is whole.
 */
export class RunTable {
  readonly #parts: Parts
  readonly #changed = new Set<string>()
  #life: AbortController | undefined
  #rows: RunRows | undefined
  #isWhole = false
  #isClosed = false
  readonly #readers = new Set<Promise<unknown>>()
  #living = Promise.resolve()
  #reading = Promise.resolve()
  #askedAt = 0
  #notBefore = 0

  constructor(parts: Parts) {
    this.#parts = parts
    // a process that was killed leaves its file
    rmSync(parts.path, { force: true })
  }

  /** Reads the rows as of now, which stay until `read` has ended; undefined while the table is not whole. */
  async read<Found>(read: (rows: RunRows) => Promise<Found> | Found): Promise<Found | undefined> {
    if (!this.#isWhole) return undefined
    this.#askedAt = this.#parts.clock.elapsed()
    try {
      await this.#catchUp()
    } catch {
      // the table itself fails at its next look, and says why
      return undefined
    }
    const rows = this.#isWhole && this.#rows
    if (!rows) return undefined
    const reading = Promise.resolve(rows).then(read)
    this.#readers.add(reading)
    try {
      return await reading
    } finally {
      this.#readers.delete(reading)
    }
  }

  /** Begins to make the table. */
  make(): void {
    const now = this.#parts.clock.elapsed()
    if (this.#life || this.#isClosed || now < this.#notBefore) return
    this.#askedAt = now
    this.#life = new AbortController()
    this.#living = this.#live(this.#life.signal)
  }

  /** Removes the table for good. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#life?.abort()
    await this.#living
  }

  async #live(signal: AbortSignal): Promise<void> {
    const { path, clock, watch } = this.#parts
    let rows: RunRows | undefined
    let unwatch = () => {}
    try {
      const { RunRows } = await import('./run-rows.ts')
      rows = this.#rows = new RunRows(path)
      unwatch = watch((actor) => actor.startsWith(RUN) && this.#changed.add(actor.slice(RUN.length)))
      await this.#fill(rows, signal)
      this.#isWhole = true
      while (!signal.aborted && clock.elapsed() - this.#askedAt < UNUSED_MS) {
        await this.#catchUp()
        await pause(clock, LOOK_MS, signal)
      }
    } catch (error) {
      // the lists read the cells again
      this.#notBefore = clock.elapsed() + AFTER_FAILURE_MS
      if (!signal.aborted) process.emitWarning(`The table of runs failed, so lists are slower: ${error}`)
    }
    this.#isWhole = false
    unwatch()
    this.#changed.clear()
    await Promise.allSettled([this.#reading, ...this.#readers])
    this.#reading = Promise.resolve()
    this.#rows = undefined
    rows?.remove()
    this.#life = undefined
  }

  /** Writes all runs, the newest first, and leaves half of the time to others. */
  async #fill(rows: RunRows, signal: AbortSignal): Promise<void> {
    const { view, clock } = this.#parts
    let place = {}
    for (let isLast = false; !isLast; ) {
      const query = { where: { aside: null }, sort: 'startedAt', descending: true, limit: PAGE, ...place }
      const listed = await view.list(KIND.run, query)
      for (let from = 0; from < listed.length && !signal.aborted; from += READ_AT_ONCE) {
        const begun = clock.elapsed()
        const some = listed.slice(from, from + READ_AT_ONCE)
        rows.write(await Promise.all(some.map(({ key, index }) => this.#read(key, index))))
        await pause(clock, clock.elapsed() - begun, signal)
      }
      const last = listed.at(-1)
      isLast = listed.length < PAGE || signal.aborted
      if (last) place = placeIn(byStart({ id: last.key, startedAt: Number(last.index.startedAt) }))
    }
  }

  /** Reads the runs that have changed. One call comes after the other, so that all rows are new when it resolves. */
  #catchUp(): Promise<void> {
    this.#reading = this.#reading.then(() => this.#readChanged())
    return this.#reading
  }

  async #readChanged(): Promise<void> {
    const { view } = this.#parts
    const changed = [...this.#changed]
    this.#changed.clear()
    for (let from = 0; from < changed.length; from += READ_AT_ONCE) {
      const some = changed.slice(from, from + READ_AT_ONCE)
      const found = await Promise.all(
        some.map(async (id) => {
          const index = (await inspectOne(view, runRef(id)))?.cell?.index
          return index && isListed(index) ? this.#read(id, index) : undefined
        }),
      )
      const gone = some.filter((_, n) => found[n] === undefined)
      this.#rows?.write(
        found.filter((row) => row !== undefined),
        gone,
      )
    }
  }

  async #read(id: string, index: ActorIndex): Promise<RunRow> {
    const run = summaryOf(id, index)
    const problem = await unlessDamaged(() => problemOf(this.#parts, run), undefined)
    const text = await unlessDamaged(() => searchedText(this.#parts, run, problem), id)
    const cost = await unlessDamaged(() => costOf(this.#parts, id), undefined)
    const { startedAt, status, owner, name, root } = run
    return { id, startedAt, status, owner, name, isTop: root === undefined, code: problem?.code, cost, text, index }
  }
}
