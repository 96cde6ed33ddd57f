import { expect, test } from 'vitest'
import { EXEMPT } from './regex-reasons.ts'
import { slowUnit, verdictOn } from './regex-time.ts'
import { type Expression, expressionsIn } from './regexes.ts'
import { codeFolders, readPaths, readText } from './source.ts'

const all = codeFolders()
  .flatMap((folder) => readPaths(folder))
  .flatMap(({ path }) => expressionsIn(path, readText(path)))
const fileOf = ({ place }: Expression) => place.replace(/:\d+$/, '').replace(/^src\//, '')
const isExempt = (one: Expression) => EXEMPT.some(([file, source]) => file === fileOf(one) && source === one.source)

test('reads each text from outside in linear time', { timeout: 600_000 }, () => {
  const alike = Map.groupBy(
    all.filter((one) => !isExempt(one)),
    ({ source, flags }) => `/${source}/${flags}`,
  )
  const faults = [...alike].flatMap(([text, [one, ...others]]) => {
    const verdict = verdictOn(one!)
    const unit = verdict === 'unknown' ? slowUnit(one!) : undefined
    const places = [one!, ...others].map(({ place }) => place).join(', ')
    if (verdict === 'slow') return [`${places}: ${text} is superlinear`]
    return unit === undefined ? [] : [`${places}: ${text} is superlinear for ${JSON.stringify(unit)}, repeated`]
  })
  expect(faults).toEqual([])
})

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
  expect(verdicts).toContain(verdictOn(expression))
  expect(slowUnit(expression)).toBeTypeOf('string')
})

test.each([/(?<!\s)\s+$/, /\d{1,400}x/, /^[a-z]+$/, /<[^>]*(?:>|$)/])('sees that %s is linear', ({ source, flags }) => {
  const expression = { place: 'src/x.ts:1', source, flags }
  expect(verdictOn(expression)).not.toBe('slow')
  expect(slowUnit(expression)).toBeUndefined()
})
