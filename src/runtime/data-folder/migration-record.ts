import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContentCounts } from '../../engine/transfer.ts'
import { syncFolder, writeWhole } from '../../store/files/durable-file.ts'

/** The engines that a data folder can lie on. */
export type EngineName = 'libsql' | 'restate'

/** An application on a Restate server as one side of a move. */
export type RestateSide = {
  /** absent: the server with its data in the data folder */
  readonly admin?: readonly string[]
  readonly ingress?: readonly string[]
  readonly namespace: string
  readonly host: string
  readonly port: number
  readonly address?: string
  readonly identity?: readonly string[] | 'none'
  /** where its blobs lie, when that is not in the data folder */
  readonly shared?: string
}

/**
 * A running migration, as recorded in the data folder. No engine works while it exists. copying:
 * the old side is valid, the new one is not · switching: the copy was verified, and only the new
 * side is valid.
 */
export type MigrationRecord = {
  readonly v: 1
  /** names what the move leaves behind */
  readonly id: string
  readonly to: EngineName
  readonly phase: 'copying' | 'switching'
  /** the one of both sides that is on Restate */
  readonly restate: RestateSide
  /** how much was moved, once that is known */
  readonly counts?: ContentCounts
}

/** Whether a move of that folder is under way. */
export const isMigrating = (data: string): boolean => existsSync(recordOf(data))

/** The move that is under way, if one is. */
export async function readMigration(data: string): Promise<MigrationRecord | undefined> {
  return isMigrating(data) ? (JSON.parse(await readFile(recordOf(data), 'utf8')) as MigrationRecord) : undefined
}

/** Says how far the move is; durable when this resolves. */
export function writeMigration(data: string, record: MigrationRecord): Promise<void> {
  return writeWhole(recordOf(data), `${JSON.stringify(record, null, 2)}\n`, data)
}

/** The move is over; durable when this resolves. */
export async function removeMigration(data: string): Promise<void> {
  await rm(recordOf(data), { force: true })
  await syncFolder(data)
}

const recordOf = (data: string) => join(data, 'migration.json')
