import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContentCounts } from '../../engine/transfer.ts'
import { syncFolder, writeWhole } from '../../store/files/durable-file.ts'

/** The engines that a data folder can use. */
export type EngineName = 'libsql' | 'restate'

/** An application on a Restate server as one side of a move. */
export type RestateSide = {
  /** absent: a server with its data in the data folder */
  readonly admin?: readonly string[]
  readonly ingress?: readonly string[]
  readonly namespace: string
  readonly host: string
  readonly port: number
  readonly address?: string
  readonly identity?: readonly string[] | 'none'
  /** the place of its blobs, if that is not the data folder */
  readonly shared?: string
}

/**
 * A running migration, as recorded in the data folder. No engine works while it exists. copying:
 * the old side is valid, the new one is not · switching: the copy was verified, and only the new
 * side is valid.
 */
export type MigrationRecord = {
  readonly v: 1
  /** the name of the folder for what the move leaves behind */
  readonly id: string
  readonly to: EngineName
  readonly phase: 'copying' | 'switching'
  readonly restate: RestateSide
  /** how much was moved, once it is known */
  readonly counts?: ContentCounts
}

/** Whether a move of that folder is in progress. */
export const isMigrating = (data: string): boolean => existsSync(recordOf(data))

/** The move in progress, if there is one. */
export async function readMigration(data: string): Promise<MigrationRecord | undefined> {
  return isMigrating(data) ? (JSON.parse(await readFile(recordOf(data), 'utf8')) as MigrationRecord) : undefined
}

/** Records the progress of the move; durable when this resolves. */
export function writeMigration(data: string, record: MigrationRecord): Promise<void> {
  return writeWhole(recordOf(data), `${JSON.stringify(record, null, 2)}\n`, data)
}

/** Records that the move has ended; durable when this resolves. */
export async function removeMigration(data: string): Promise<void> {
  await rm(recordOf(data), { force: true })
  await syncFolder(data)
}

const recordOf = (data: string) => join(data, 'migration.json')
