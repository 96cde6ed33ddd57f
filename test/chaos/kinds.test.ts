import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Kill } from './flush/database.ts'
import { KINDS, kindsIn } from './kinds/covered.ts'
import { type Double, openDouble } from './kinds/double.ts'
import { faultsOf } from './kinds/judge.ts'
import { pipelineOf, type Surroundings, simulate } from './kinds/simulate.ts'
import { liveThrough, type Story } from './kinds/story.ts'
import { REAL, TABLE } from './kinds/table.ts'

/** Without it so many points of each pipeline are tried, spread over all. */
const KILLS = Number(process.env.ANTIPHON_KILLS ?? 0)
const SHORT = 12

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

describe('a process in which all of them run side by side, killed by SIGKILL', () => {
  let calm: Story
  const stories: Story[] = []

  /** Two at a time: a story waits for its processes most of the time. */
  beforeAll(async () => {
    let count = 0
    const tell = (kills: readonly Kill[]) => liveThrough(join(around.folder, `story-${count++}`), kills)
    calm = await tell([])
    const plans = plansFor(calm.flushes)
    const next = async () => {
      for (let kills = plans.pop(); kills; kills = plans.pop()) stories.push(await tell(kills))
    }
    await Promise.all([next(), next()])
  }, 3_000_000)

  test('is killed as it was planned', () => {
    expect(calm.flushes).toBeGreaterThan(40)
    // how many flushes there are differs: the last ones may not come
    expect(stories.filter(({ kills }) => kills > 0).length).toBeGreaterThan(0.9 * stories.length)
    expect(Math.max(...stories.map(({ kills }) => kills))).toBeGreaterThan(2)
  })

  test.each(REAL)('leaves $name to the next one, which brings it to the same end', (one) => {
    const at = REAL.indexOf(one)
    for (const story of [calm, ...stories]) expect(faultsOf(one, story.lived[at]!, calm.lived[at]!)).toEqual([])
  })
})

/** Processes of which each dies after so many flushes, until one comes to its end; and one that dies at a flush: at some of them, or before and after each. */
function plansFor(flushes: number): (readonly Kill[])[] {
  const again = (side: Kill['side'], flush: number) => Array<Kill>(40).fill({ side, flush })
  const some: Kill[] = [
    { side: 'before', flush: Math.ceil(flushes / 2) },
    { side: 'after', flush: WAITING },
  ]
  const all = Array.from({ length: flushes }, (_, index) => index + 1).flatMap((flush): Kill[] => [
    { side: 'before', flush },
    { side: 'after', flush },
  ])
  const chains = KILLS > 0 ? [3, 5, 8, 13, 21].flatMap((n) => [again('before', n), again('after', n)]) : []
  return [...chains, ...(KILLS > 0 ? all : some).map((kill) => [kill]), again('before', 25), again('after', 15)]
}

/** The first flush in which a step waits for its own run, which took up itself without end. */
const WAITING = '"waits":"run/notes"'

/** So many of the numbers from 1 on, the last of them with it. */
function spread(count: number, most: number): readonly number[] {
  const step = Math.max(1, count / most)
  return Array.from({ length: Math.min(count, most) }, (_, index) => Math.ceil((index + 1) * step))
}
