import type { Json } from '../kernel/schema.ts'
import type { Shown } from '../pipeline/asking/shown.ts'
import type { ListQuery } from '../runtime.ts'

/** What of that which waits for people to list. */
export type InboxQuery = ListQuery & { readonly run?: string }

/** A step that waits for a signal; times in ms since the epoch. */
export type InboxItem = Omit<Shown, 'content'> & {
  readonly run: string
  readonly owner: string
  readonly step: string
  /** what the signal is called that answers it; of money `budget:SCOPE`: no signal, that budget is to be raised */
  readonly signal: string
  readonly since: number
  /** when it waits no longer */
  readonly until?: number
  /** what it is about; cut at 16 KiB */
  readonly content?: Json
}
