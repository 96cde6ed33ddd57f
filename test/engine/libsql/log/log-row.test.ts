import { expect, test } from 'vitest'
import { createResident } from '../../../../src/engine/libsql/activation/activation.ts'
import { createBatch, list, logText, wipe } from '../../../../src/engine/libsql/log/batch.ts'
import { cell } from '../../../kernel/fixtures.ts'

test('parts and events that an actor wrote before it stopped in the same batch are not of its next life', () => {
  const batch = createBatch(1)
  const resident = createResident('counter/a', cell({ state: 'new' }), true)
  list(batch, resident)
  batch.parts.set(resident, new Map([['old', 1]]))
  batch.events.set(resident, [{ first: 1, correlationId: 'run-1', bodies: ['old'], batch: 1 }])
  wipe(batch, resident)
  batch.parts.set(resident, (batch.parts.get(resident) ?? new Map()).set('new', 2))
  const { text } = logText(batch)
  expect(JSON.parse(text)).toEqual({ c: [['counter/a', expect.any(Array), 1]], ps: [['counter/a', [['new', 2]]]] })
})
