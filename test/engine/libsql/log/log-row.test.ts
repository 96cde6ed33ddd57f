import { expect, test } from 'vitest'
import { createActivation } from '../../../../src/engine/libsql/activation/activation.ts'
import {
  createLogBatch,
  listActivation,
  serializeBatch,
  wipeActivation,
} from '../../../../src/engine/libsql/log/batch.ts'
import { cell } from '../../../kernel/fixtures.ts'

test('parts and events written before a stop in the same batch do not reach the next life of the actor', () => {
  const batch = createLogBatch(1)
  const resident = createActivation('counter/a', cell({ state: 'new' }), true)
  listActivation(batch, resident)
  batch.parts.set(resident, new Map([['old', 1]]))
  batch.events.set(resident, [{ first: 1, correlationId: 'run-1', bodies: ['old'], batch: 1 }])
  wipeActivation(batch, resident)
  batch.parts.set(resident, (batch.parts.get(resident) ?? new Map()).set('new', 2))
  const { text } = serializeBatch(batch)
  expect(JSON.parse(text)).toEqual({
    cells: [['counter/a', expect.any(Array), 1]],
    parts: [['counter/a', [['new', 2]]]],
  })
})
