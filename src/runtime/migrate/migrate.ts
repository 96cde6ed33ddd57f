import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { removePersistent } from '../../engine/restate/server/persistent.ts'
import type { ContentCounts } from '../../engine/transfer.ts'
import { InvalidError, NotFoundError, problemOf, TerminalError } from '../../errors.ts'
import { marksIn } from '../../store/blobs/folder-store.ts'
import { placesIn } from '../../store/data-folder/layout.ts'
import { makeFolder, syncFolder } from '../../store/files/durable-file.ts'
import type { EngineName, MigrationRecord, RestateSide } from '../data-folder/migration-record.ts'
import { readMigration, removeMigration, writeMigration } from '../data-folder/migration-record.ts'
import { nodesIn, recordOf, serverIn, writeNode } from '../data-folder/node-record.ts'
import { copy, count } from './copy.ts'
import type { MigrateOptions } from './options.ts'
import { checkMigration, configOf, plan } from './plan.ts'
import { checkAtRest, draftIn, FILES, leaveServer, removeDraft } from './sides.ts'

/** The moved data, or a preview. `aside`: the folder that keeps the old side. */
export type MigrationResult = {
  readonly to: EngineName
  readonly counts: ContentCounts
  readonly dryRun: boolean
  readonly aside?: string
  /** the server (unless its data is in the data folder) and the name of the application there */
  readonly admin?: readonly string[]
  readonly namespace: string
}

/**
 * Moves all durable data to the other engine, and continues a move that an earlier
 * process began. When it rejects, nothing has changed, unless the copy was already
 * verified: then only the switch is left, and the next call completes it.
 */
export async function migrate(options: MigrateOptions): Promise<MigrationResult> {
  const { data, dryRun = false } = options
  const left = await readMigration(data)
  if (left && (dryRun || left.to !== (options.to ?? left.to))) throw underWay(left)
  if (left?.phase === 'switching') return finish(options, left)
  if (left) await discard(options, left)
  return begin({ ...options, ...(left && { to: left.to, restate: options.restate ?? configOf(left.restate) }) })
}

async function begin(options: MigrateOptions): Promise<MigrationResult> {
  const { data, dryRun = false } = options
  await checkMigration(options)
  const record = await plan(options)
  if (dryRun) return { to: record.to, counts: await count(data, record), dryRun, ...placeOf(record.restate) }
  await writeMigration(data, record)
  const copied = await copyAtRest(options, record).catch(async (error: unknown) => {
    await discard(options, record)
    throw error
  })
  const verified = { ...record, phase: 'switching', counts: copied } as const
  await writeMigration(data, verified)
  return finish(options, verified)
}

async function copyAtRest(options: MigrateOptions, record: MigrationRecord): Promise<ContentCounts> {
  const counts = await copy(options, record)
  if (record.to === 'libsql') await checkAtRest(options.data, record.restate)
  return counts
}

/** Aborts a running migration; the old side continues. TerminalError if it is too late. */
export async function abortMigration(options: Pick<MigrateOptions, 'data' | 'onProgress'>): Promise<void> {
  const { data } = options
  const left = await readMigration(data)
  if (!left) throw new NotFoundError(`No move of ${data} is under way.`)
  if (left.phase === 'switching')
    throw new TerminalError(
      `Everything is on the engine ${left.to} already, and was found to be the same. To end the move: antiphon migrate`,
      { code: 'moving' },
    )
  await discard(options, left)
}

function underWay({ to }: MigrationRecord): InvalidError {
  return new InvalidError(`A move to the engine ${to} is under way.`, {
    hint: 'To continue it: antiphon migrate. To go back: antiphon migrate --abort',
  })
}

/** Deletes the data of a failed attempt and keeps the old side. */
async function discard(options: Pick<MigrateOptions, 'data' | 'onProgress'>, record: MigrationRecord): Promise<void> {
  const { data } = options
  const { to, restate } = record
  if (to === 'libsql') await removeDraft(data)
  else if (restate.admin === undefined) await removePersistent(serverIn(data))
  else await leave(options, restate, false)
  await removeMigration(data)
}

/** Ends the work on a shared server, and reports a failure. */
async function leave(
  { data, onProgress }: Pick<MigrateOptions, 'data' | 'onProgress'>,
  side: RestateSide,
  moved: boolean,
): Promise<void> {
  const { namespace } = side
  try {
    await leaveServer(data, side, moved)
  } catch (error) {
    onProgress?.({ doing: 'leaving', namespace, problem: problemOf(error) })
  }
}

const placeOf = ({ admin, namespace }: RestateSide) => ({ ...(admin !== undefined && { admin }), namespace })

async function finish(options: MigrateOptions, record: MigrationRecord): Promise<MigrationResult> {
  const { to, restate, counts } = record
  const { data, onProgress } = options
  onProgress?.({ doing: 'switching' })
  if (to === 'libsql' && restate.admin !== undefined) await leave(options, restate, true)
  const aside = await switchSides(data, record)
  return { to, counts: counts!, dryRun: false, aside, ...placeOf(restate) }
}

/** Replaces the old side by the new one, and keeps it. Can be repeated after a crash. Resolves with its new path. */
async function switchSides(data: string, record: MigrationRecord): Promise<string> {
  const aside = join(data, 'moved', record.id)
  await makeFolder(aside)
  if (record.to === 'restate') await switchToRestate(data, aside, record)
  else await switchToLibsql(data, aside)
  await syncFolder(aside)
  await syncFolder(data)
  await removeMigration(data)
  return aside
}

async function switchToRestate(data: string, aside: string, { restate }: MigrationRecord): Promise<void> {
  const { namespace, port } = restate
  await writeNode(data, { namespace, port })
  for (const suffix of FILES) await moveAside(placesIn(data).database + suffix, aside)
}

async function switchToLibsql(data: string, aside: string): Promise<void> {
  await moveAside(recordOf(data), aside)
  await moveAside(serverIn(data), aside)
  // records of the nodes of a cluster in this folder
  await moveAside(nodesIn(data), aside)
  // another move to Restate makes another application, and these marks belong to this one
  await moveAside(marksIn(placesIn(data).blobs), aside)
  for (const suffix of FILES) await move(draftIn(data) + suffix, placesIn(data).database + suffix)
}

/** A missing source was already moved. */
async function move(from: string, to: string): Promise<void> {
  if (existsSync(from)) await rename(from, to)
}

const moveAside = (from: string, aside: string) => move(from, join(aside, basename(from)))
