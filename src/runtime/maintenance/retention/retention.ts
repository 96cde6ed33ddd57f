import { stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Problem, problemOf } from '../../../errors.ts'
import type { ManagedBlobs } from '../../../store/blobs/blobs.ts'
import { ignoreMissing } from '../../../store/files/private.ts'
import type { Pool } from '../../../worker/pool/pool.ts'
import type { Collected, Items, RuntimeStatus } from '../../ports/maintenance.ts'
import { type ClockTrust, seenIn } from './clock-trust.ts'
import { expireFiles, freeFiles } from './files.ts'
import { type CollectionTerms, DAY, type Gone } from './limits.ts'
import { dropParts } from './once.ts'
import { expireRuns } from './runs.ts'
import { dropAudits, dropBulks, dropLetters, type FindReferences, sweepValues } from './sweep.ts'

/** Deletes work that ended long ago. */
export interface Retention {
  /** Collects periodically until the runtime ends. */
  begin(): void
  /** Collects everything now and returns the removed items. `dryRun`: returns the items that would be removed. */
  collect(options?: { readonly dryRun?: boolean; readonly signal?: AbortSignal }): Promise<Collected>
  /** Why the last collection failed, if it did, or why the clock is not trusted. */
  problem(): Problem | undefined
}

type Parts = Omit<CollectionTerms, 'dryRun'> & {
  readonly data: string
  /** the clock of periodic collections */
  readonly trust: ClockTrust
  /** the kinds of actors that end with their run */
  readonly ofRuns: readonly string[]
  readonly values: ManagedBlobs
  readonly findReferences: FindReferences
  /** one collection at a time, and never during a backup */
  readonly housekeeping: Pool
  readonly ending: AbortSignal
}

/** ms until the first collection, and between collections: shorter while there is work. */
const INTERVALS_MS = { first: 1_000, busy: 10_000, idle: 30_000 } as const

/** Collections that take place once a day, in this order. */
const DAILY = [dropLetters, dropAudits, dropBulks, expireFiles] as const

/** The retention of a data folder. */
export function createRetention(parts: Parts): Retention {
  const { data, engine, clock, trust, ofRuns, limits, unusedDays, housekeeping, ending } = parts
  // periodic collections remove only data that is old by a trusted time
  const believed = { ...parts, clock: { ...clock, now: trust.now } }
  let problem: Problem | undefined

  function schedule(delay: number): void {
    const off = clock.after(delay, () => {
      ending.removeEventListener('abort', off)
      void work().then((went) => ending.aborted || schedule(went > 0 ? INTERVALS_MS.busy : INTERVALS_MS.idle))
    })
    ending.addEventListener('abort', off, { once: true })
  }

  /** Resolves with the number of removed runs and threads. A failed removal is tried again the next time. */
  async function work(): Promise<number> {
    try {
      const went = await housekeeping.submit({ signal: ending, run: tidy })
      problem = undefined
      return went
    } catch (error) {
      if (!ending.aborted) problem = problemOf(error)
      return 0
    }
  }

  async function tidy(signal: AbortSignal): Promise<number> {
    const { clock } = believed
    const terms = { engine, clock, limits, unusedDays, dryRun: false }
    const { length } = await expireRuns({ ...terms, measure: false })
    await dropParts({ engine, clock, ofRuns })
    if (await isDaily(believed)) {
      for (const drop of DAILY) await drop(terms)
      await sweepOnce(believed, false, signal)
    }
    await touch(seenIn(data), parts.clock.now())
    return length
  }

  async function collectAll(dryRun: boolean, signal: AbortSignal): Promise<Collected> {
    // first, because all else writes to a disk that may be full
    if (!dryRun) await freeFiles(parts, parts.values)
    const terms = { engine, clock, limits, unusedDays, dryRun }
    const gone = [...(await expireRuns({ ...terms, measure: true }))]
    if (!dryRun) await dropParts({ engine, clock, ofRuns })
    for (const drop of DAILY) gone.push(...(await drop(terms)))
    return { dryRun, items: [...gather(gone), ...(await sweepOnce(parts, dryRun, signal))] }
  }

  return {
    begin: () => schedule(INTERVALS_MS.first),
    collect: ({ dryRun = false, signal = ending } = {}) =>
      housekeeping.submit({
        signal: AbortSignal.any([signal, ending]),
        run: (until) => collectAll(dryRun, until),
      }),
    problem: () => problem ?? trust.problem(),
  }
}

export function failureOf({ problem }: Retention): Pick<RuntimeStatus, 'retention'> {
  const retention = problem()
  return retention ? { retention } : {}
}

const markerOf = (data: string) => join(data, 'swept')

/** Whether a day has passed since the last sweep of any process, or the clock was set back. A new folder begins now. */
async function isDaily(parts: Parts): Promise<boolean> {
  const swept = await stat(markerOf(parts.data)).catch(ignoreMissing)
  if (!swept) await noteSwept(parts)
  return swept !== undefined && Math.abs(parts.clock.now() - swept.mtimeMs) > DAY
}

const noteSwept = ({ data, clock }: Parts) => touch(markerOf(data), clock.now())

async function touch(path: string, now: number): Promise<void> {
  await writeFile(path, '', { mode: 0o600 })
  await utimes(path, now / 1000, now / 1000)
}

async function sweepOnce(parts: Parts, dryRun: boolean, signal: AbortSignal) {
  const { values, findReferences, clock } = parts
  const items = await sweepValues({ values, findReferences, now: clock.now(), dryRun, signal })
  if (!dryRun) {
    await noteSwept(parts)
    await freeFiles(parts, values)
  }
  return items
}

/** Maximum ids that are listed for one kind of items. */
const NAMED = 100

/** Groups items by kind and reason. */
function gather(gone: readonly Gone[]): readonly Items[] {
  return [...Map.groupBy(gone, ({ what, why }) => `${what}: ${why}`).values()].map((alike) => ({
    what: alike[0]!.what,
    why: alike[0]!.why,
    count: alike.length,
    bytes: alike.reduce((sum, { bytes }) => sum + bytes, 0),
    ids: alike.slice(0, NAMED).map(({ id }) => id),
  }))
}
