import type { Index } from '../kernel/types.ts'
import type { ChainState } from './ask.ts'

/** What lists show of a thread. */
export function indexOf({ asks, owner, startedAt }: ChainState, status: string, updatedAt: number): Index {
  return {
    ...{ status, asks, updatedAt },
    ...(startedAt !== undefined && { startedAt }),
    ...(owner !== undefined && { owner }),
  }
}
