import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KINDS, kindsIn } from './kinds/covered.ts'
import { type Double, openDouble } from './kinds/double.ts'
import { faultsOf } from './kinds/judge.ts'
import { pipelineOf, type Surroundings, simulate } from './kinds/simulate.ts'
import { TABLE } from './kinds/table.ts'

/** Without it so many points of each pipeline are tried, spread over all. */
const KILLS = Number(process.env.ANTIPHON_KILLS ?? 0)
const SHORT = 16

let double: Double
let around: Surroundings
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-kinds-'))
  const file = join(folder, 'resume.md')
  copyFileSync(join(import.meta.dirname, 'flush/resume.md'), file)
  double = await openDouble()
  around = { folder, file, double }
})
afterAll(async () => {
  await double.stop()
  rmSync(around.folder, { recursive: true, force: true })
})

test('every kind of step and loop that the compiler knows is killed', () => {
  const found = new Set(TABLE.flatMap((one) => kindsIn(pipelineOf(one))))
  expect(KINDS.filter((kind) => !found.has(kind))).toEqual([])
})

describe('a process that dies before or after a commit or an effect', () => {
  test.each(TABLE)(
    'leaves $name to the next one, which brings it to the same end',
    async (one) => {
      const calm = await simulate(one, around)
      expect(faultsOf(one, calm, calm)).toEqual([])
      for (const point of spread(calm.points, KILLS > 0 ? calm.points : SHORT))
        expect(faultsOf(one, await simulate(one, around, point), calm)).toEqual([])
    },
    300_000,
  )
})

/** So many of the numbers from 1 on, the last of them with it. */
function spread(count: number, most: number): readonly number[] {
  const step = Math.max(1, count / most)
  return Array.from({ length: Math.min(count, most) }, (_, index) => Math.ceil((index + 1) * step))
}
