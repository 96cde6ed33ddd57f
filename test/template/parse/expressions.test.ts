import { describe, expect, it } from 'vitest'
import { yielding } from '../fixture.ts'

describe('precedence of operators', () => {
  it.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['-5 | abs', 5],
    ['1 ~ 2 * 3', '16'],
    ["'a' ~ 1 ~ 'b'", 'a1b'],
    ['not true or true', true],
    ['not (true or true)', false],
    ["not 'x' in ['y']", true],
    ["'x' not in ['y']", true],
    ['1 < 2 < 3', true],
    ['3 > 2 > 2', false],
    ['1 + 2 is even', 2],
    ['2 ** 3 ** 2', 64],
    ['1 if false else 2 if false else 3', 3],
    ["'x' if false", null],
    ['true ? 1 : 2', 1],
    ["n > 2 and 'yes' or 'no'", 'yes'],
    ['[3, 1] | sort | first', 1],
    ["'a,b'.split(',')[1] | upper", 'B'],
    ['x.0.1', 'q'],
  ])('%s', (source, expected) => {
    expect(yielding(`{{ ${source} }}`, { n: 3, x: [['p', 'q']] })).toEqual(expected)
  })
})

describe('literals', () => {
  it.each([
    ['[1, 2.5, 1_000, 1e3]', [1, 2.5, 1000, 1000]],
    ['[0xff, 0b101, 0o17]', [255, 5, 15]],
    ["'a' \"b\" 'c'", 'abc'],
    ['(1, 2,)', [1, 2]],
    ['()', []],
    ['(1)', 1],
    ["{'a': 1, 'b': [none, true]}", { a: 1, b: [null, true] }],
    ['[True, False, None, null]', [true, false, null, null]],
  ])('%s', (source, expected) => {
    expect(yielding(`{{ ${source} }}`)).toEqual(expected)
  })
})

describe('subscripts and slices', () => {
  it.each([
    ["'abcdef'[::2]", 'ace'],
    ["'abcdef'[::-1]", 'fedcba'],
    ["'abcdef'[-3:-1]", 'de'],
    ["'abcdef'[4:1:-1]", 'edc'],
    ['[1, 2, 3][-2:]', [2, 3]],
    ['[1, 2, 3][5:]', []],
    ["{'a b': 1}['a b']", 1],
    ["'aé🙂b'[2]", '🙂'],
    ["'🙂🙂🙂'[:2] | length", 2],
  ])('%s', (source, expected) => {
    expect(yielding(`{{ ${source} }}`)).toEqual(expected)
  })
})
