import { expect, test } from 'vitest'
import { EXEMPT } from './regex-reasons.ts'
import { slowUnit, verdictOn } from './regex-time.ts'
import { type Expression, fileOf, readExpressions, toJudge } from './regexes.ts'

/** Most verdicts take the judge a few milliseconds. Others are measured here, and judged at night. */
const JUDGE_MS = 50

const all = readExpressions()

// dear: all expressions are judged, and a third of them is measured
test('reads each text from outside in linear time', { timeout: 600_000 }, () => {
  const faults = toJudge(all).flatMap((one) => {
    const verdict = verdictOn(one, JUDGE_MS)
    const unit = verdict === 'unknown' && slowUnit(one) !== undefined ? slowUnitAgain(one) : undefined
    const text = `${one.place}: /${one.source}/${one.flags}`
    if (verdict === 'slow') return [`${text} is superlinear`]
    return unit === undefined ? [] : [`${text} is superlinear for ${JSON.stringify(unit)}, repeated`]
  })
  expect(faults).toEqual([])
})

/** A busy machine spoils a look: the judge gets the time that it needs, and what it does not know is measured again. */
const slowUnitAgain = (one: Expression) => (verdictOn(one, 100 * JUDGE_MS) === 'linear' ? undefined : slowUnit(one))

test('has no reason for an expression that is gone', () => {
  const isThere = ([file, source]: (typeof EXEMPT)[number]) =>
    all.some((one) => file === fileOf(one) && source === one.source)
  expect(EXEMPT.filter((row) => !isThere(row))).toEqual([])
})

const SLOW: readonly (readonly [source: RegExp, verdicts: readonly string[]])[] = [
  [/\s+$/, ['slow']],
  [/^(?:a|a)*$/, ['slow']],
  [/^(.*?)\bif\b(.*?)[,;.]?\s*\b(?:otherwise|else|if not)\b(.*)$/is, ['slow', 'unknown']],
  [/<a\b[^>]*class="b"[^>]*>(.*?)<\/a>(?!x)/, ['unknown']],
]

test.each(SLOW)('sees that %s is superlinear', ({ source, flags }, verdicts) => {
  const expression = { place: 'src/x.ts:1', source, flags }
  expect(verdicts).toContain(verdictOn(expression, 20 * JUDGE_MS))
  expect(slowUnit(expression)).toBeTypeOf('string')
})

test.each([/(?<!\s)\s+$/, /\d{1,400}x/, /^[a-z]+$/, /<[^>]*(?:>|$)/])('sees that %s is linear', ({ source, flags }) => {
  const expression = { place: 'src/x.ts:1', source, flags }
  expect(verdictOn(expression, JUDGE_MS)).not.toBe('slow')
  expect(slowUnit(expression)).toBeUndefined()
})
