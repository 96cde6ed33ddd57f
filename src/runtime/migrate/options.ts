import type { RestateConfig } from '../../config/engine.ts'
import type { ContentCounts } from '../../engine/transfer.ts'
import type { Problem } from '../../errors.ts'
import type { EngineName } from '../data-folder/migration-record.ts'

/** A move of a data folder from one engine to the other. The caller owns the folder until the move has ended. */
export type MigrateOptions = {
  readonly data: string
  /** absent: the target of the move in progress */
  readonly to?: EngineName | undefined
  /** the configured server; absent: one with its data in the data folder */
  readonly restate?: RestateConfig | undefined
  /** the environment with the keys of an object store */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** only counts what would be moved */
  readonly dryRun?: boolean
  /** Receives progress. */
  onProgress?(doing: Progress): void
}
export type Progress =
  | { readonly doing: 'reading' | 'copying' | 'verifying' | 'switching'; readonly counts?: ContentCounts }
  /** unused data on the server could not be deleted */
  | { readonly doing: 'leaving'; readonly namespace: string; readonly problem: Problem }
