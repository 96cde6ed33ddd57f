import type { Citation, Degraded } from '../chain/types.ts'

/** An ask's answer: its citations were found in what was retrieved; `degraded` names what could not be done properly. */
export type Answer = {
  readonly id: string
  readonly thread: string
  readonly status: string
  readonly answer: string
  readonly citations: readonly Citation[]
  readonly degraded: readonly Degraded[]
  readonly model: string
}
