import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../../src/template/operations/checks.ts'
import { skippedStep, stepOf, yielding } from '../fixture.ts'

const cases: readonly (readonly [string, boolean])[] = [
  ['n is defined', true],
  ['n is not defined', false],
  ['zz is undefined', true],
  ['away is skipped and away.result.text is skipped and steps.away.result is skipped', true],
  ['done is skipped or n is skipped or zz is skipped or done.zz is skipped', false],
  ['none is none', true],
  ['n is none', false],
  ['none is None and none is null', true],
  ["'a' is string", true],
  ['n is string', false],
  ['n is number', true],
  ['true is number', false],
  ['n is integer and 1.5 is float', true],
  ['1.5 is integer', false],
  ['true is boolean', true],
  ['flag is true', false],
  ['flag is false', true],
  ["{'a': 1} is mapping", true],
  ['[1] is mapping', false],
  ['[1] is sequence and [1] is list', true],
  ["'a' is list", false],
  ["'a' is iterable and {'a': 1} is iterable", true],
  ['n is iterable', false],
  ['3 is odd and 4 is even and -3 is odd', true],
  ['9 is divisibleby 3', true],
  ['9 is divisibleby(2)', false],
  ["'ab' is lower and 'AB' is upper", true],
  ["'a' is in ['a']", true],
  ["'a' is not in 'bcd'", true],
  ['3 is equalto 3 and 3 is eq(3) and 3 is sameas 3', true],
  ['3 is ne 3', false],
  ['3 is lt 4 and 3 is lessthan 4 and 3 is le 3', true],
  ['flag is False and not (flag is True) and n is not callable', true],
  ['3 is gt 2 and 3 is greaterthan 2 and 3 is ge 3', true],
]

const away = skippedStep()
const VALUES = { n: 3, flag: false, away, steps: { away }, done: stepOf({ a: 1 }, 'a') }

describe('checks', () => {
  it.each(cases)('%s', (source, expected) => {
    expect(yielding(`{{ ${source} }}`, { ...VALUES })).toBe(expected)
  })

  it('are all tried above', () => {
    const tried = cases.map(([source]) => source).join(' ')
    expect(Object.keys(CHECKS).filter((name) => !new RegExp(`is (not )?${name}\\b`).test(tried))).toEqual([])
  })
})
