import { expect, it } from 'vitest'
import { parseExpression, renderTemplate } from '../../../src/template/template.ts'
import { textView } from '../../../src/template/view.ts'

const values: { readonly [name: string]: unknown } = {
  a: '1098765432109876543',
  b: '1098765432109876544',
  view: textView('1098765432109876543'),
  other: textView('1098765432109876544'),
  fraction: '12345678901234567.89',
  n: 3,
}

const value = (text: string) => renderTemplate(parseExpression(text), { get: (name) => values[name] })

it.each([
  ['a % 10', 3],
  ['view % 10', 3],
  ['-view % 10', 7],
  ['view - other', -1],
  ['view // 10', '109876543210987654'],
  ['-a // 10', '-109876543210987655'],
  ['other / 2', '549382716054938272'],
  ['a ** 2', '1207285474799603718484196006701630849'],
  ['2 ** 64', '18446744073709551616'],
  ['n * a', '3296296296329629629'],
  ['-view', '-1098765432109876543'],
  ['+a', '1098765432109876543'],
  ['a == -1098765432109876543', false],
  ['view is even', false],
  ['other is divisibleby(2)', true],
  ['[a, b] | sum', '2197530864219753087'],
  ['[9007199254740991, 1, 1] | sum', '9007199254740993'],
  ['"%d" % a', '1098765432109876543'],
  ['"%.2f" % view', '1098765432109876543.00'],
  ['"{:,d}".format(a)', '1,098,765,432,109,876,543'],
  ['"%x" % a', 'f3f9956c863453f'],
  ['"+9007199254740993" | int', '9007199254740993'],
  ['a ~ b', '10987654321098765431098765432109876544'],
  ['1e200 * 2', 2e200],
])('calculates exactly: %s', (text, result) => {
  expect(value(text)).toBe(result)
})

it.each(['view / 2', 'a + 0.5', 'view + 0.5', 'fraction | int', 'a | abs', '"20000000000001" | int(base=16)'])(
  'fails where digits would be lost: %s',
  (text) => {
    expect(() => value(text)).toThrow(/more digits than a number holds/)
  },
)
