import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { z } from 'zod'
import { defineActor } from '../../../src/kernel/turn.ts'
import type { Actor } from '../../../src/kernel/types.ts'
import type { FileLedger } from '../../../trials/index.ts'

/** Code, old or new: the new one has another version of the state. */
export type Release = 'old' | 'new'

const messageSchema = z.object({ n: z.number(), until: z.string().optional() })
type State = number | { readonly count: number }

const countOf = (state: State) => (typeof state === 'number' ? state : state.count)

/** Counts its messages, with two effects in each turn: the second waits for the file `until`, where one is named. */
export function tally(release: Release, ledger: FileLedger): Actor {
  return defineActor<State, z.infer<typeof messageSchema>>({
    kind: 'tally',
    message: messageSchema,
    version: release === 'old' ? 1 : 2,
    upgrade: (state) => ({ count: state as number }),
    initial: () => (release === 'old' ? 0 : { count: 0 }),
    async receive(state, { n, until }, effects) {
      const note = (effect: string) => ledger.write({ key: effects.self.key, n, effect, release })
      await effects.run('first', () => note('first'))
      await effects.run('second', async () => {
        note('second')
        while (until !== undefined && !existsSync(until)) await setTimeout(20)
      })
      const count = countOf(state) + 1
      return { state: release === 'old' ? count : { count }, reply: { count, release } }
    },
  })
}
