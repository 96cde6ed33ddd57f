import { describe, expect, it } from 'vitest'
import { describeJsonFault, jsonFaultIn } from '../../../src/lib/json/fault.ts'
import { fc, runs } from '../../property.ts'

const faultOf = (text: string) => {
  const fault = jsonFaultIn(text)
  return fault && describeJsonFault(text, fault)
}

describe('the first fault of a text that is not JSON', () => {
  it.each([
    ['[{"a": 1}, {"a": 2},]', `line 1, column 21: expected a value, got ']' after '[{"a": 1}, {"a": 2},'`],
    ['', 'line 1, column 1: expected a value, got the end of the text'],
    ['{\n  "a": 1\n  "b": 2\n}', `line 3, column 3: expected a comma or }, got '"b": 2' after '{\n  "a": 1'`],
    ['{a: 1}', `line 1, column 2: expected a key in double quotes or }, got 'a: 1}' after '{'`],
    ['{"a" 1}', `line 1, column 6: expected a colon, got '1}' after '{"a"'`],
    ['["a', `line 1, column 4: expected a closing quote, got the end of the text after '["a'`],
    [
      '["a\nb"]',
      `line 1, column 4: expected a closing quote (a line break is written \\n), got a line break after '["a'`,
    ],
    ['"\\x"', `line 1, column 2: expected an escape such as \\n or \\u00e4, got '\\x"' after '"'`],
    ['[1] and more', `line 1, column 5: expected the end of the text, got 'and more' after '[1]'`],
    ['Sure! [1]', "line 1, column 1: expected a value, got 'Sure! [1]'"],
  ])('%j', (text, fault) => expect(faultOf(text)).toBe(fault))

  it('exists exactly for text that JSON.parse refuses', () => {
    const piece = fc.constantFrom(
      ...'[]{}",:0123e.-+ \\\n',
      'true',
      'null',
      '"a"',
      '"\\u00e4"',
      '1.5e3',
      '{"a": [1, {}]}',
    )
    const text = fc.oneof(
      fc.json(),
      fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
      fc.tuple(fc.json(), fc.nat(), piece).map(([json, at, added]) => {
        const place = at % (json.length + 1)
        return json.slice(0, place) + added + json.slice(place + 1)
      }),
    )
    fc.assert(
      fc.property(text, (written) => {
        expect(jsonFaultIn(written) === undefined).toBe(parses(written))
      }),
      runs(1000),
    )
  })
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
