import { openCeiling } from '../ceiling.ts'
import { STEPS } from './actors.ts'
import type { Load } from './loads.ts'
import type { Target } from './target.ts'

/** The ceiling under a load. */
export async function openTarget(path: string, { synchronous }: Load): Promise<Target> {
  const ceiling = openCeiling(path, synchronous)
  return {
    update: ceiling.update,
    async run(id) {
      for (let n = 0; n < STEPS.run; n++) await ceiling.step(id, n, n + 1)
      return STEPS.run
    },
    async fanOut(id) {
      await Promise.all(Array.from({ length: STEPS.fanOut }, (_, n) => ceiling.step(id, n, 1)))
      return STEPS.fanOut
    },
    counts: () => ceiling.counts,
    close: async () => ceiling.close(),
  }
}
