import { expect, it } from 'vitest'
import { isCutOff } from '../../src/engine/inspect.ts'

const value = { value: null }
const failed = { error: { code: 'x', name: 'E', message: 'm' }, directive: { type: 'fail' } } as const

it.each([
  ['nothing is recorded', {}, false],
  ['the call began', { 'pay#begin': value }, true],
  ['the call ended', { 'pay#begin': value, pay: value }, false],
  ['the call failed', { 'pay#begin': value, pay: failed }, false],
  ['its second attempt began', { 'pay#begin': value, pay: failed, 'pay#2#begin': value }, true],
  ['an idempotent call ended', { look: value }, false],
])('a message whose journal says that %s', (_, outcomes, expected) => {
  expect(isCutOff(new Map(Object.entries(outcomes)))).toBe(expected)
})

it('a message without a journal was not cut off', () => {
  expect(isCutOff(undefined)).toBe(false)
})
