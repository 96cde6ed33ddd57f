import type { FollowedEvent, From } from '../../house/describe.ts'
import type { PageQuery } from '../../house/paging.ts'
import type { JsonObject } from '../../kernel/json.ts'
import type { EnvironmentSummary, EnvironmentsPort, UpdateOptions } from './port.ts'

/** Environments of a server: shared state with versions. An admin names those of another owner as `bob:shop`. */
export interface EnvironmentsClient extends Omit<EnvironmentsPort, 'list' | 'update' | 'watch'> {
  /** Lists environments by name. */
  list(query?: PageQuery): Promise<readonly EnvironmentSummary[]>
  /** Applies a JSON Merge Patch. An error of code `stale_version` when `expectedVersion` is not its version. */
  update(name: string, patch: JsonObject, options?: Omit<UpdateOptions, 'id'>): ReturnType<EnvironmentsPort['update']>
  /** Streams the changes after a version, then new ones, until the signal. */
  watch(name: string, from?: From): AsyncIterable<FollowedEvent>
}
