import { expect, test } from 'vitest'
import { verdictOn } from './regex-time.ts'
import { readExpressions, toJudge } from './regexes.ts'

/** What the judge knows after this time it knows; for others it takes minutes. */
const JUDGE_MS = 500

test('no expression is superlinear by its automaton', { timeout: 600_000 }, () => {
  const slow = toJudge(readExpressions()).filter((one) => verdictOn(one, JUDGE_MS) === 'slow')
  expect(slow).toEqual([])
})

test.each([[/\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g], [/\p{L}[\p{L}\p{M}]+$/u]])(
  'sees that %s is superlinear, which takes the judge long',
  ({ source, flags }) => {
    expect(verdictOn({ place: 'src/x.ts:1', source, flags }, 20 * JUDGE_MS)).toBe('slow')
  },
)
