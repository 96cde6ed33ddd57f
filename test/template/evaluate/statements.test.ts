import { describe, expect, it } from 'vitest'
import { thrownBy, yielding } from '../fixture.ts'

const values = { xs: ['a', 'b', 'c'], m: { x: 1, y: 2 }, n: 3 }

describe('loops', () => {
  it.each([
    ['{% for x in xs %}{{ loop.index }}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}', '1a,2b,3c'],
    [
      '{% for x in xs %}{{ loop.index0 }}{{ loop.first }}{{ loop.length }}{{ loop.revindex }} {% endfor %}',
      '0true33 1false32 2false31 ',
    ],
    ['{% for k, v in m.items() %}{{ k }}={{ v }};{% endfor %}', 'x=1;y=2;'],
    ['{% for k in m %}{{ k }}{% endfor %}', 'xy'],
    ['{% for x in [] %}x{% else %}none{% endfor %}', 'none'],
    ['{% for i in range(6) if i % 2 %}{{ loop.index }}:{{ i }} {% endfor %}', '1:1 2:3 3:5 '],
    ['{% for x in xs %}{% for y in xs %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}', '1231 1232 1233 '],
    ["{% for x in xs %}{{ loop.previtem | default('-') }}{{ loop.nextitem | default('-') }} {% endfor %}", '-b ac b- '],
    ['{% set v = 1 %}{% for x in xs %}{% set v = 2 %}{% endfor %}{{ v }}', '1'],
    ['{% set ns = namespace(c=0) %}{% for x in xs %}{% set ns.c = ns.c + 1 %}{% endfor %}{{ ns.c }}', '3'],
    ['{% if n > 5 %}a{% elif n > 2 %}b{% else %}c{% endif %}', 'b'],
    ['{% if n %}{% set v = 1 %}{% endif %}{{ v }}', '1'],
    ['{% set a, b = 1, 2 %}{{ b }}{{ a }}', '21'],
    ['{% set t %}n is {{ n }}{% endset %}[{{ t }}]', '[n is 3]'],
  ])('%s', (source, expected) => {
    expect(yielding(source, values)).toBe(expected)
  })
})

describe('the text of a value', () => {
  it.each([
    [null, ''],
    [true, 'true'],
    [-0, '0'],
    [1.5, '1.5'],
    [[1, 'a', null], '[1,"a",null]'],
    [{ a: { b: 'ü"' } }, '{"a":{"b":"ü\\""}}'],
    [{ a: undefined }, '{}'],
  ])('%j', (value, expected) => {
    expect(yielding('{{ v }}.', { v: value })).toBe(`${expected}.`)
  })
})

it('one {{ }} among white space yields the value itself, not a copy', () => {
  const v = { deep: [1] }
  expect(yielding('\n {{ v }}\n', { v })).toBe(v)
})

describe('an impossible operation fails with its place', () => {
  it.each([
    ["{{ 'a' + 1 }}", 8, "'+' does not work on text and a number"],
    ['{{ 1 / 0 }}', 6, 'division by zero'],
    ['{{ n < xs }}', 6, 'a number (3) and a list have no order'],
    ['{{ n.upper() }}', 6, 'a number has no method `upper`'],
    ['{{ xs.get(0) }}', 7, 'a list has no method `get`'],
    ['{% for x in n %}{% endfor %}', 1, 'for: expected a list, got a number (3)'],
    ["{% for x in 'a,b' %}{% endfor %}", 1, "for: expected a list, got text: 'a,b'"],
    ['{% for a, b in xs %}{% endfor %}', 1, 'text cannot be unpacked into a, b'],
    ['{{ n() }}', 4, '`n` is a number and cannot be called'],
    ["{{ 'x1' | int }}", 11, "int: expected a number, got text: 'x1'"],
    ['{% set xs.y = 1 %}', 1, '`xs` is not a namespace'],
    ["{{ 'a' | regex_search('(' ~ '') }}", 10, "regex_search: pattern '(': a '(' is never closed (at 2)"],
    ['{{ 9 ** 999 }}', 6, 'the result is not a finite number'],
  ])('%s', (source, column, message) => {
    expect(thrownBy(() => yielding(source, values))).toMatchObject({
      name: 'InvalidError',
      code: 'template_failed',
      message,
      place: { line: 1, column },
    })
  })
})

it('data is never changed', () => {
  const m = Object.freeze({ list: Object.freeze([3, 1, 2]) })
  expect(yielding('{{ m.list | sort | join }}{{ m.list | reverse | join }}{{ dict(a=m.list) | length }}', { m })).toBe(
    '1, 2, 32, 1, 31',
  )
})

it('a foreign error of a scope becomes one of ours', () => {
  const broken = () => {
    throw new Error('boom')
  }
  expect(thrownBy(() => yielding('{{ f() }}', { f: broken }))).toMatchObject({
    name: 'TerminalError',
    code: 'template_failed',
  })
})

describe('white space around one expression', () => {
  it.each([
    ['{{ xs[0] }}\n', 'a\n'],
    [' {{ xs[0] }}', ' a'],
    ['{{ n }}\n', '3\n'],
    ['{{ n > 2 }} ', 'true '],
    ['{{ none }}\n', null],
    ['{{ m }}\n', { x: 1, y: 2 }],
    ['\n{{ xs }}\n', ['a', 'b', 'c']],
    ['{{ xs[0] -}}\n', 'a'],
  ])('%j', (source, expected) => {
    expect(yielding(source, values)).toEqual(expected)
  })
})
