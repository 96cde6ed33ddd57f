import { join } from 'node:path'
import { type Ceiling, openCeiling } from '../ceiling.ts'
import { STEPS } from './actors.ts'
import type { OpenTarget } from './target.ts'

/** The ceiling under a load. */
export const openTarget: OpenTarget = async ({ operation, synchronous }, { folder }) => {
  const ceiling = openCeiling(join(folder, 'ceiling.db'), synchronous)
  const performs = {
    update: ceiling.update,
    run: runOf(ceiling),
    effects: runOf(ceiling),
    'fan-out': fanOutOf(ceiling),
  }
  const perform = performs[operation]
  return { perform, counts: () => ceiling.counts }
}

const runOf = (ceiling: Ceiling) => async (id: string) => {
  for (let n = 0; n < STEPS.run; n++) await ceiling.step(id, n, n + 1)
  return STEPS.run
}

const fanOutOf = (ceiling: Ceiling) => async (id: string) => {
  await Promise.all(Array.from({ length: STEPS.fanOut }, (_, n) => ceiling.step(id, n, 1)))
  return STEPS.fanOut
}
