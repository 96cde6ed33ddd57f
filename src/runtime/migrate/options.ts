import type { RestateConfig } from '../../config/engine.ts'
import type { ContentCounts } from '../../engine/transfer.ts'
import type { Problem } from '../../errors.ts'
import type { EngineName } from '../data-folder/migration-record.ts'

/** A move of a data folder from one engine to the other. The folder is the caller's own, and stays so until this is over. */
export type MigrateOptions = {
  readonly data: string
  /** absent: where the move goes that is under way */
  readonly to?: EngineName | undefined
  /** the configured server; absent: one with its data in the data folder */
  readonly restate?: RestateConfig | undefined
  /** what the keys of an object store are taken from */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** only counts */
  readonly dryRun?: boolean
  /** Receives progress. */
  onProgress?(doing: Progress): void
}
export type Progress =
  | { readonly doing: 'reading' | 'copying' | 'verifying' | 'switching'; readonly counts?: ContentCounts }
  /** unused data on the server could not be deleted */
  | { readonly doing: 'leaving'; readonly namespace: string; readonly problem: Problem }
