import { encodeCursor, type ListQuery, type PageQuery } from '../../house/paging.ts'
import type { RunFilter, RunsQuery } from '../../run/room/port.ts'
import type { BulkAction } from '../actor.ts'
import type { Bulk, BulkSummary } from './contract.ts'

/** Operations on many runs. */
export interface BulksView {
  /**
   * Begins to cancel, resume or fork runs: those with the ids, or all that a filter picks, at most 10,000. It goes on
   * in the background, also after a crash. `dryRun` only says which runs. The same `id` begins it once.
   * @throws InvalidError `bad_value` if the filter picks more runs
   */
  start(request: BulkRequest): Promise<Bulk>
  /** Operations, the newest first. */
  list(query?: PageQuery): Promise<readonly BulkSummary[]>
  /** How far it is. NotFoundError when there is none. */
  get(bulk: string): Promise<Bulk>
}

/** The action, and its runs. Use one of `runs` and `where`. */
export type BulkRequest = {
  readonly action: BulkAction['type']
  readonly runs?: readonly string[]
  readonly where?: BulkFilter
  readonly reason?: string
  readonly undo?: boolean
  readonly at?: string
  readonly dryRun?: boolean
  readonly id?: string
}

/** A filter, as the list of runs has it. */
type BulkFilter = Pick<RunsQuery, 'status' | keyof RunFilter>

/** The caller. Only an admin reaches runs of other owners. */
export type BulkCaller = { readonly owner: string; readonly isAdmin: boolean; readonly trusted: boolean }

/** The operations on many runs of a runtime. */
export interface BulksPort {
  start(request: BulkRequest, caller?: BulkCaller): Promise<Bulk>
  list(query?: ListQuery): Promise<readonly BulkSummary[]>
  get(bulk: string, caller?: BulkCaller): Promise<Bulk>
  /** Continues what an earlier process left. */
  resume(): Promise<void>
  /** Removes what operations of others say of the runs of an owner, or counts it. */
  forgetOwner(owner: string, options: { readonly dryRun: boolean }): Promise<number>
  close(): Promise<void>
}

/** The cursor of an operation in a list. */
export const cursorOfBulk = ({ at, id }: Pick<BulkSummary, 'at' | 'id'>): string => encodeCursor(at, id)
