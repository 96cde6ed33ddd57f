import { expect, it } from 'vitest'
import type { EffectCall } from '../../src/kernel/types.ts'
import { callPayer, paidOptions } from '../../src/work/payer.ts'

const { signal } = new AbortController()
const call = { idempotencyKey: 'm/think', attempt: 2, signal } as EffectCall
const self = { kind: 'agent', key: 'g' }
const payer = { of: ['goal/g'], share: 'g' }

it('names the calls of one effect apart, and a repeated call alike', () => {
  expect(callPayer(payer, self, call)).toEqual({ id: 'm/think#2', by: 'agent/g', of: ['goal/g'] })
  expect(callPayer(payer, self, call, '.1').id).toBe('m/think#2.1')
  expect(callPayer(payer, self, { ...call, attempt: 3 }).id).toBe('m/think#3')
})

it('gives a call its place in the pool, with its priority if there is one', () => {
  const paid = callPayer(payer, self, call)
  expect(paidOptions(payer, self, call)).toEqual({ signal, key: 'm/think', share: 'g', payer: paid })
  expect(paidOptions({ ...payer, priority: 'high' }, self, call)).toEqual({
    ...{ signal, key: 'm/think', share: 'g', priority: 'high' },
    payer: { ...paid, priority: 'high' },
  })
})
