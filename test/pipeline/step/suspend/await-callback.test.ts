import { expect, it } from 'vitest'
import { upgradeWaiting } from '../../../../src/pipeline/step/suspend/await-callback.ts'

const OLD = { run: { kind: 'run', key: 'r' }, work: 'r', step: 'a', key: 'k', attempts: 1, since: 5, parameters: {} }

it('reads what a step waited for when only the chain could be asked', () => {
  expect(upgradeWaiting({ ...OLD, thread: 'main', ask: 'ask_1' })).toEqual({
    ...OLD,
    asking: 'chain',
    parameters: { inline: {} },
    question: { to: { kind: 'chain', key: 'main' }, body: null, work: 'ask_1' },
  })
})
