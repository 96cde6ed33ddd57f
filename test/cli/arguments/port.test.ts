import { expect, test } from 'vitest'
import { parsePort } from '../../../src/cli/arguments/options.ts'

test('a port is checked before anything listens', () => {
  expect([parsePort('0'), parsePort('8123'), parsePort('65535')]).toEqual([0, 8123, 65_535])
  for (const wrong of ['65536', '99999', '-1', 'abc', '']) expect(() => parsePort(wrong)).toThrow('from 0 to 65535')
})
