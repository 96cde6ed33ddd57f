import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtinTools } from '../../src/tool/builtin/tools.ts'
import { LANGUAGE, wordsIn } from '../pipeline/cases/words.ts'
import { isPipeline } from './kinds/case.ts'
import { KINDS, kindsIn } from './kinds/covered.ts'
import { faultsOf } from './kinds/judge.ts'
import { killProcesses, killSimulated } from './kinds/kill.ts'
import { NOT_KILLED } from './kinds/not-killed.ts'
import { pipelineOf } from './kinds/shop.ts'
import type { Story } from './kinds/story.ts'
import { openSurroundings } from './kinds/surroundings.ts'
import { REAL, TABLE } from './kinds/table.ts'

// `npm run torture -- kinds --long` kills at every point
let around: Awaited<ReturnType<typeof openSurroundings>>
beforeAll(async () => {
  around = await openSurroundings()
})
afterAll(() => around.close())

test('every kind of step and loop that the compiler knows is killed', () => {
  const found = new Set(TABLE.filter(isPipeline).flatMap((one) => kindsIn(pipelineOf(one))))
  expect(KINDS.filter((kind) => !found.has(kind))).toEqual([])
})

describe('every word of the language is in a pipeline that is killed, or has a reason why not', () => {
  const found = new Set(TABLE.filter(isPipeline).flatMap(({ yaml }) => wordsIn(yaml)))
  // a pure tool may be repeated, so a kill cannot matter
  const pure = builtinTools.filter(({ effect }) => effect === 'pure').map(({ name }) => `tool ${name}`)
  const excused = [...Object.values(NOT_KILLED).flat(), ...pure.filter((word) => !found.has(word))]
  const all = Object.entries(LANGUAGE).flatMap(([what, names]) => names.map((name) => `${what} ${name}`))

  test.each(Object.entries(LANGUAGE))('%s', (what, names) => {
    const asked = names.map((name) => `${what} ${name}`).filter((word) => !excused.includes(word))
    expect(asked.filter((word) => !found.has(word))).toEqual([])
  })

  test('and reports nothing else', () => {
    expect(excused.filter((word) => found.has(word) || !all.includes(word))).toEqual([])
  })
})

describe('a process that dies before or after a commit or an effect', () => {
  test.each(TABLE)(
    'leaves $name to the next process, which completes it with the same result',
    async (one) => {
      const { kills, faults } = await killSimulated(one, around, false)
      expect(faults).toEqual([])
      expect(kills).toBeGreaterThan(0)
    },
    300_000,
  )
})

describe('a process that runs all of them in parallel, killed by SIGKILL', () => {
  let calm: Story
  let stories: readonly Story[]
  let lost: readonly string[]
  beforeAll(async () => {
    ;({ calm, stories, lost } = await killProcesses(around, false))
    // longer than a story may last
  }, 900_000)

  test('is killed as it was planned', () => {
    expect(lost).toEqual([])
    expect(calm.flushes).toBeGreaterThan(40)
    // how many flushes there are differs: the last ones may not come
    expect(stories.filter(({ kills }) => kills > 0).length).toBeGreaterThan(0.9 * stories.length)
    expect(Math.max(...stories.map(({ kills }) => kills))).toBeGreaterThan(2)
  })

  test.each(REAL)('leaves $name to the next process, which completes it with the same result', (one) => {
    const at = REAL.indexOf(one)
    for (const story of [calm, ...stories]) expect(faultsOf(one, story.lived[at]!, calm.lived[at]!)).toEqual([])
  })
})
