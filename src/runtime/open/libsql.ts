import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../engine/engine.ts'
import { type LibsqlOptions, libsqlEngine } from '../../engine/libsql/engine.ts'
import type { Doubtful } from '../../engine/libsql/log/doubts.ts'
import { STATEMENTS, schemaWith } from '../../engine/libsql/tables/schema.ts'
import { problemOf, type TerminalError } from '../../errors.ts'
import { KIND } from '../../house/actors.ts'
import type { Cell } from '../../kernel/types.ts'
import { runInBackground } from '../../store/background.ts'
import { removeNotedDraft } from '../../store/backup/leftover-draft.ts'
import { writeBackup } from '../../store/backup.ts'
import { writeReserve } from '../../store/data-folder/disk-reserve.ts'
import { placesIn } from '../../store/data-folder/layout.ts'
import type { Database, Write } from '../../store/database/database.ts'
import { openDatabase } from '../../store/database/open.ts'
import { openReplica, REPLICA_FILES } from '../../store/replica/replica.ts'
import { checkEngineOf } from '../data-folder/node-record.ts'
import { openHousekeeping, runtimeBackup } from '../maintenance/housekeeping.ts'
import { failureOf } from '../maintenance/retention/retention.ts'
import { type FindReferences, sweepUnused } from '../maintenance/retention/sweep.ts'
import { LIST_INDEXES } from './list-indexes.ts'
import type { EngineParts, OpenedEngine } from './parts.ts'

export async function openOnLibsql(given: EngineParts): Promise<OpenedEngine> {
  const { data } = given.config
  checkEngineOf(data, 'libsql')
  const { replica: copied, environment } = given.config
  // a process that only reads makes no copy
  const replica =
    copied && given.parts.background !== false
      ? openReplica({
          ...copied,
          data,
          environment,
          backup: (file, signal) =>
            ending.aborted ? writeBackup(placesIn(data), file, { signal }) : backup(file, { signal }),
          taken: (error) => fail(error),
        })
      : undefined
  await removeNotedDraft(data)
  for (const file of REPLICA_FILES) await rm(join(data, file), { force: true })
  let loss: TerminalError | undefined
  const watching = new Set<(actor: string) => void>()
  const { engine, fail } = await openEngine(given, watching, replica?.wrote, (found) => {
    loss = found
    // shown even to users who read neither the status nor the log
    process.emitWarning(found.message, { code: 'ANTIPHON_LOSS' })
  })
  // in a separate thread and in one snapshot
  const findReferences: FindReferences = ({ signal }) =>
    runInBackground('findReferences', [placesIn(data).database], signal)
  const retentionNow = () => (given.parts.retentionClock ?? systemClock).now()
  const { pool, ending, retention, close } = openHousekeeping(given, engine, findReferences)
  const { backup } = runtimeBackup({ data, housekeeping: pool, ending })
  return {
    engine,
    backup,
    gc: retention.collect,
    changes: {
      watch(listener) {
        watching.add(listener)
        return () => watching.delete(listener)
      },
      moving: engine.moving,
    },
    cleaning: {
      compact: (isGone, signal) =>
        pool
          .submit({ signal: AbortSignal.any([signal, ending]), run: () => engine.compact(isGone) })
          .finally(() => replica?.renew()),
      sweepValues: (signal) =>
        pool.submit({
          signal: AbortSignal.any([signal, ending]),
          run: (until) => sweepUnused({ values: given.values, findReferences, now: retentionNow(), signal: until }),
        }),
    },
    status: () => ({
      engine: engine.counts,
      ...(loss && { loss: problemOf(loss) }),
      ...failureOf(retention),
      ...(replica && { replica: replica.status() }),
    }),
    quiet: engine.quiet,
    rest: engine.rest,
    fail,
    async begin() {
      writeReserve(data)
      retention.begin()
      replica?.begin()
    },
    async stop(grace) {
      await close()
      const begun = Date.now()
      await engine.stop(grace === undefined ? {} : { grace })
      await replica?.close(grace && Math.max(grace / 4, grace + begun - Date.now()))
    },
  }
}

async function openEngine(
  { config, parts, actors, activity, observer, space }: EngineParts,
  watching: NonNullable<LibsqlOptions['watching']>,
  wrote: ((write: Write) => void) | undefined,
  onLoss: (loss: TerminalError) => void,
) {
  const path = placesIn(config.data).database
  const open = parts.openDatabase ?? openDatabase
  const synchronous = config.durability === 'process' ? 'NORMAL' : 'FULL'
  const { writer, clock, checkpoint, acceptLoss = false } = parts
  const file = {
    path,
    schema: schemaWith(LIST_INDEXES),
    statements: STATEMENTS,
    synchronous,
    acceptLoss,
    onLoss,
  } as const
  const database = failingOnDemand(await open({ ...file, ...(writer && { writer }) }), space, wrote)
  const given = { ...(clock && { clock }), ...(checkpoint && { checkpoint }) }
  const indexes = LIST_INDEXES
  const engine = libsqlEngine({
    database,
    actors,
    onFailed: activity.fail,
    observer,
    isOver,
    indexes,
    watching,
    doubtful: DOUBTFUL,
    ...given,
  })
  return { engine, fail: database.fail }
}

/** A database that reports its writes and can be made to fail. */
function failingOnDemand(
  database: Database,
  space: EngineParts['space'],
  wrote: ((write: Write) => void) | undefined,
): Database & { fail(error: Error): void } {
  let fail = (_error: Error) => {}
  let last: Write
  return {
    ...database,
    write(write) {
      space.wrote(write.log.length)
      last = write
      database.write(write)
    },
    onWritten: (listener) =>
      database.onWritten((seq) => {
        // one write at a time
        wrote?.(last)
        listener(seq)
      }),
    onFailed(listener) {
      fail = listener
      database.onFailed(listener)
    },
    fail: (error) => fail(error),
  }
}

/** The time when a run ended, from its index. */
const isOver = ({ index }: Cell) => index?.finishedAt !== undefined

/** A thread is at work while an ask is open, and its phases with it. */
const DOUBTFUL: Doubtful = {
  isAtWork(name, index) {
    const kind = name.slice(0, name.indexOf('/'))
    if (kind === KIND.thread) return index === undefined || index.status === 'running'
    return Object.values<string>(KIND).includes(kind) && index?.finishedAt === undefined
  },
  worksFor: (name) =>
    name.startsWith(`${KIND.phase}/`)
      ? `${KIND.thread}/${name.slice(KIND.phase.length + 1, name.lastIndexOf('.'))}`
      : undefined,
}
