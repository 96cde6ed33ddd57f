import { expect, test } from 'vitest'
import { currentId, textId } from '../../../../examples/audit/expression/ids.ts'

test.each([
  ['GPL-2.0', 'GPL-2.0-only'],
  ['LGPL-2.1+', 'LGPL-2.1-or-later'],
  ['AGPL-1.0', 'AGPL-1.0-only'],
  ['GPL-3.0-with-GCC-exception', 'GPL-3.0-only'],
  ['StandardML-NJ', 'SMLNJ'],
  ['MIT', 'MIT'],
  ['constructor', 'constructor'],
])('%s is today %s', (id, current) => {
  expect(currentId(id)).toBe(current)
})

test('the text does not tell only from or-later', () => {
  for (const id of ['GFDL-1.3', 'GFDL-1.3-only', 'GFDL-1.3-invariants-or-later']) expect(textId(id)).toBe('GFDL-1.3')
  expect(textId('GPL-3.0-or-later')).not.toBe(textId('GPL-2.0-or-later'))
})
