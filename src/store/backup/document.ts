import { z } from 'zod'
import { type Plain, time } from '../../document.ts'

const backupFields = {
  file: z.string(),
  /** size of the file */
  bytes: z.number(),
  format: z.number(),
  at: time,
  blobs: z.number(),
  tables: z.record(z.string(), z.object({ rows: z.number(), hash: z.string() })),
  /** blobs that do not match their hash and were left out */
  damaged: z.array(z.string()),
  /** rows that were already damaged; they are copied unchanged */
  rows: z.array(z.string()).optional(),
}

export const backup = z.object(backupFields).meta({ id: 'Backup' })

/** A finished backup. */
export type Backup = Plain<z.ZodObject<typeof backupFields>>

/** The contents of a backup, before it has its place. */
export type BackupDraft = Omit<Backup, 'file' | 'bytes'>

/**
 * A backup is one SQLite file: the tables of engine.db at one moment, the table `blob` with the
 * referenced values, the table `memory` with a copy of memory.db, and the table `backup` with this manifest.
 */
export type BackupManifest = Omit<BackupDraft, 'damaged'>
