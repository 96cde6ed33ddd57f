import { KIND } from '../../house/actors.ts'
import type { Ownership } from '../../house/owned.ts'
import { openAsks } from '../protocol/ask-state.ts'
import { threadState } from './records.ts'
import { actorsBelow } from './reports.ts'

/** The owners of threads, and of the phases of their asks. */
export const threadOwnership: readonly Ownership[] = [
  {
    kind: KIND.thread,
    place: 'threads',
    async workIn(view, key, { status }) {
      const state = status === 'running' ? await threadState(view, key) : undefined
      return state ? openAsks(state).map(({ id }) => id) : []
    },
    async *below(_, key) {
      yield* actorsBelow(key)
    },
    belowKinds: [KIND.phase],
  },
]
