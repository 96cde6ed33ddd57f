import { describe, expect, it } from 'vitest'
import { holding, skippedStep, stepOf, thrownBy } from '../fixture.ts'

const values = {
  n: 3,
  flag: false,
  no: 'No',
  zero: '0',
  text: 'stats, charts',
  quoted: `it's "x" and 1 == 2`,
  score: '0.9\n',
  xs: ['a', 'b'],
  answer: stepOf('no\n', 'no\n'),
  rated: stepOf('7', '7'),
  quiet: stepOf({ done: 1 }, ''),
  skipped: skippedStep(),
}

describe('a condition holds', () => {
  it.each([
    ['TRUE', true],
    [' yes ', true],
    ['None', false],
    ['{{ n }}', true],
    ['{{ flag }}', false],
    ['{{ no }}', false],
    ['{{ zero }}', false],
    ['{{ answer }}', false],
    ['{{ quiet }}', true],
    ['{{ skipped }}', false],
    ['{{ n.nothing }}', false],
    ['n > 2', true],
    ['{{ n }} > 2 and {{ n }} < 4', true],
    ["'stat' in {{ text }}", true],
    ["'it' in {{ quoted }}", true],
    ["'{{ text }}' == 'stats, charts'", true],
    ["'{{ n }}{{ 'x' }}' == '3x'", true],
    ['{{ score }} > 0.8', true],
    ["{{ score }} == '0.9'", true],
    ['{{ answer }} == "no"', true],
    ['not {{ no }}', true],
    ['{{ rated }} >= 7', true],
    ['rated * 2 == 14', true],
    ["skipped.status == 'skipped'", true],
    ['skipped is defined or answer is not defined', false],
    ['{{ {"a": {"b": n}}["a"]["b"] }} == 3', true],
    ['n > 5 ? flag : n', true],
    ['{% if n > 2 %}true{% else %}false{% endif %}', true],
    ['{% if n > 3 %}true{% else %} no {% endif %}', false],
    ['xs', true],
    ['[]', false],
    ['len(xs) == 2 and max(1, n) == 3', true],
  ])('%s', (source, expected) => {
    expect(holding(source, values)).toBe(expected)
  })

  it('only over names that are there', () => {
    expect(thrownBy(() => holding('{{ nosuch }}'))).toMatchObject({
      code: 'unresolved_template',
      message: "unresolved: 'nosuch' (line 1, column 4)",
    })
  })

  it('says what it could not read as the author wrote it', () => {
    expect(thrownBy(() => holding('(x | from_json).claims > 1', { x: '{}' }))).toMatchObject({
      message: expect.stringContaining("'(x | from_json).claims'"),
    })
  })

  it('a value is never read as an expression', () => {
    expect(holding("{{ x }} == 'b'", { x: "b' or 'a' == 'a" })).toBe(false)
    expect(holding("'{{ x }}' == 'b'", { x: "b' or 'a' == 'a" })).toBe(false)
  })
})
