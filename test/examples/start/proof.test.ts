import { expect, test } from 'vitest'
import { beforeKill, holds, prove } from '../../../examples/start/proof.ts'
import type { RunDocument } from '../../../src/run/document.ts'

const run = (statuses: { readonly [id: string]: string }) =>
  ({
    steps: Object.fromEntries(
      Object.entries(statuses).map(([id, status]) => [id, { id, status, idempotency_key: `key-${id}` }]),
    ),
  }) as unknown as RunDocument

const ledger = (calls: { readonly [id: string]: readonly [starts: number, ends: number] }) =>
  new Map(Object.entries(calls).map(([id, [starts, ends]]) => [`key-${id}`, { starts, ends }]))

const OVER = run({ a: 'completed', b: 'completed', c: 'completed' })

test('durable steps are reused; steps in flight may be repeated', () => {
  const before = beforeKill(run({ a: 'completed', b: 'running', c: 'queued' }), ledger({ a: [1, 1], b: [1, 0] }))
  const proof = prove(OVER, before, ledger({ a: [1, 1], b: [2, 1], c: [1, 1] }))
  expect([proof, holds(proof)]).toEqual([{ reused: 1, reworked: 0, repeated: 1, inFlight: 1, lost: 0 }, true])
})

test('a durable step that was started again is seen', () => {
  const before = beforeKill(run({ a: 'completed', b: 'running' }), ledger({ a: [1, 1], b: [1, 0] }))
  const proof = prove(OVER, before, ledger({ a: [2, 2], b: [1, 1], c: [1, 1] }))
  expect([proof.reworked, holds(proof)]).toEqual([1, false])
})

test('a finished step without an end in the ledger is lost', () => {
  const before = beforeKill(run({ a: 'completed' }), ledger({ a: [1, 1] }))
  const proof = prove(OVER, before, ledger({ a: [1, 1], b: [1, 0], c: [1, 1] }))
  expect([proof.lost, holds(proof)]).toEqual([1, false])
})

test('more repeats than calls in flight are too many', () => {
  const before = beforeKill(run({ a: 'running' }), ledger({ a: [1, 0] }))
  const proof = prove(OVER, before, ledger({ a: [2, 1], b: [2, 2], c: [1, 1] }))
  expect(holds(proof)).toBe(false)
})
