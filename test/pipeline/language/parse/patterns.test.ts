import { expect, test } from 'vitest'
import { createPatternCheck } from '../../../../src/pipeline/language/parse/handlers.ts'

const LARGE = '(a{1,50}|b){1,20}'

test('a pattern is looked at once, however often it stands there', () => {
  const judge = createPatternCheck()
  const faults = Array.from({ length: 2_000 }, () => judge(LARGE) ?? judge('(')!.code)
  expect(new Set(faults)).toEqual(new Set(['error_handler_invalid']))
})

test('patterns that are too large in all are reported once, and no more are looked at', () => {
  const judge = createPatternCheck()
  const faults = Array.from({ length: 2_000 }, (_, n) => judge(`${LARGE}${n}`)).filter((fault) => fault)
  expect(faults).toEqual([{ code: 'too_large', message: 'the patterns of this pipeline are too large in total' }])
  expect(judge('((')).toBeUndefined()
})

test('patterns whose repetitions multiply to too much are counted with the others', () => {
  const judge = createPatternCheck()
  const codes = Array.from({ length: 500 }, (_, n) => judge(`((((a{9}){9}){9}){9}){9}${n}`)?.code)
  expect(codes[0]).toBe('error_handler_invalid')
  expect(codes).toContain('too_large')
})
