import { expect, test } from 'vitest'
import { logChecksum } from '../../../src/store/database/checked-row.ts'
import { fc } from '../../property.ts'

const ROW = ['{"cells":[["counter/a",[1,2]]]}', '[["x","tell counter/a",5]]', 7] as const

test('the checksum is another when any character of the log or of its ids is', () => {
  const column = fc.constantFrom(0, 1)
  const place = fc.nat()
  fc.assert(
    fc.property(column, place, fc.constantFrom('x', 'ä', '0'), (which, at, other) => {
      const text = which === 0 ? ROW[0] : ROW[1]
      const changed = text.slice(0, at % text.length) + other + text.slice((at % text.length) + 1)
      fc.pre(changed !== text)
      const [log, ids] = which === 0 ? [changed, ROW[1]] : [ROW[0], changed]
      expect(logChecksum(log, ids, 7)).not.toBe(logChecksum(...ROW))
    }),
  )
})

test('ids that are missing change it, and it is the same each time', () => {
  expect(logChecksum(ROW[0], null, 7)).not.toBe(logChecksum(...ROW))
  expect(logChecksum(...ROW)).toBe(logChecksum(...ROW))
})
