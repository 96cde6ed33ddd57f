import type { Ownership } from '../../house/owned.ts'
import { openAsks, type ThreadState } from '../protocol/ask-state.ts'
import { PHASES } from '../protocol/phase-types.ts'
import { phaseRef } from '../protocol/refs.ts'

/** The owners of threads, and of the phases of their asks. */
export const threadOwnership: readonly Ownership[] = [
  {
    kind: 'chain',
    place: 'threads',
    async workIn(view, key, { status }) {
      const state = status === 'running' ? await view.peek({ kind: 'chain', key }) : undefined
      return state ? openAsks(state as ThreadState).map(({ id }) => id) : []
    },
    async *below(_, key) {
      for (const phase of PHASES) yield phaseRef(key, phase)
    },
    belowKinds: ['phase'],
  },
]
