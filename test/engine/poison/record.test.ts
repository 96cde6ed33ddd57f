import { describe, expect, test } from 'vitest'
import { countCrashes, groupSuspects, POISON_CRASHES, SUSPECT_CRASHES } from '../../../src/engine/poison.ts'

describe('how many deaths count against a message', () => {
  test('each death counts until the message is a suspect, also with other messages in flight', () => {
    for (let crashes = 0; crashes < SUSPECT_CRASHES; crashes++)
      expect(countCrashes({ exposed: { a: crashes, b: 0 }, held: {} }, 'a')).toBe(crashes + 1)
  })

  test('for a suspect only deaths in its own trial count', () => {
    expect(countCrashes({ exposed: { a: SUSPECT_CRASHES, b: SUSPECT_CRASHES }, held: {} }, 'a')).toBe(SUSPECT_CRASHES)
    expect(countCrashes({ exposed: { a: SUSPECT_CRASHES }, held: {} }, 'a')).toBe(SUSPECT_CRASHES + 1)
    expect(countCrashes({ exposed: { a: POISON_CRASHES - 1 }, held: { b: 1 } }, 'a')).toBe(POISON_CRASHES)
  })

  test('no death counts for a message that was held back or is new', () => {
    const record = { exposed: { a: 1 }, held: { b: 2 } }
    expect([countCrashes(record, 'b'), countCrashes(record, 'c')]).toEqual([2, 0])
  })
})

test('suspects are tried in at most eight groups, each suspect in one of them', () => {
  for (const count of [0, 1, 7, 8, 9, 64, 65]) {
    const suspects = Array.from({ length: count }, (_, n) => n)
    const groups = groupSuspects(suspects)
    expect(groups.flat()).toEqual(suspects)
    expect(groups.length).toBeLessThanOrEqual(8)
  }
})
