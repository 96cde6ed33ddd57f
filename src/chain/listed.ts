import type { Index } from '../kernel/types.ts'
import { type ChainState, tracedBy } from './ask.ts'

/** What lists show of a thread; its trace is that of the ask it is at, or was last. */
export function indexOf(
  { asks, owner, name, startedAt, aside }: ChainState,
  status: string,
  updatedAt: number,
  ask: { readonly trace?: string } | null,
): Index {
  return {
    ...{ status, asks, updatedAt },
    ...(startedAt !== undefined && { startedAt }),
    ...(owner !== undefined && { owner }),
    ...(name !== undefined && { name }),
    ...(aside && { aside: 1 }),
    ...tracedBy(ask),
  }
}
