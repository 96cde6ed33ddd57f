import { describe, expect, test } from 'vitest'
import { crashesOf, groupsOf, POISON, SUSPECT } from '../../../src/engine/poison.ts'

describe('how many deaths count against a message', () => {
  test('each one until it is a suspect, whoever else was under way', () => {
    for (let crashes = 0; crashes < SUSPECT; crashes++)
      expect(crashesOf({ exposed: { a: crashes, b: 0 }, held: {} }, 'a')).toBe(crashes + 1)
  })

  test('after that only those of its own trial', () => {
    expect(crashesOf({ exposed: { a: SUSPECT, b: SUSPECT }, held: {} }, 'a')).toBe(SUSPECT)
    expect(crashesOf({ exposed: { a: SUSPECT }, held: {} }, 'a')).toBe(SUSPECT + 1)
    expect(crashesOf({ exposed: { a: POISON - 1 }, held: { b: 1 } }, 'a')).toBe(POISON)
  })

  test('none of one that was held back, and none of one that is new', () => {
    const record = { exposed: { a: 1 }, held: { b: 2 } }
    expect([crashesOf(record, 'b'), crashesOf(record, 'c')]).toEqual([2, 0])
  })
})

test('suspects are tried in at most eight groups, each of them in one', () => {
  for (const count of [0, 1, 7, 8, 9, 64, 65]) {
    const suspects = Array.from({ length: count }, (_, n) => n)
    const groups = groupsOf(suspects)
    expect(groups.flat()).toEqual(suspects)
    expect(groups.length).toBeLessThanOrEqual(8)
  }
})
