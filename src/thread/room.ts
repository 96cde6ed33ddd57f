/** The room of threads: `runtime.threads` asks questions and reads threads, whoever answers them. */

import { KIND } from '../house/actors.ts'
import type { WorkRoom } from '../house/room.ts'
import { openAsks } from './protocol/ask-state.ts'
import { ASKS } from './room/asks-contract.ts'
import { actorsBelow, threadState } from './room/records.ts'
import { THREADS } from './room/threads-contract.ts'

export const threadRoom: WorkRoom = {
  contract: { ...THREADS, ...ASKS },
  owns: [
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
  ],
}
