import { describe, expect, it } from 'vitest'
import { stopActor, watchActor } from '../../src/kernel/lifecycle.ts'
import { cell, counter, envelope, NO_EFFECTS, WATCHERS } from './fixtures.ts'

const ASKER = { kind: 'asker', key: '1' }
const stop = envelope({ type: 'stop', from: ASKER })

describe('stopActor', () => {
  it('notifies the watchers and the caller of the stop once each', async () => {
    for (const watchers of [WATCHERS, [...WATCHERS, ASKER]]) {
      const { cell: after, sends } = await stopActor(counter(), cell({ watchers }), stop, NO_EFFECTS)
      expect(after).toBeNull()
      expect(sends).toMatchObject([...WATCHERS, ASKER].map((to) => ({ to, type: 'down', body: { reason: 'stopped' } })))
    }
  })

  it('says so too when the actor cleans up first', async () => {
    const tidy = counter({ notice: () => ({ send: [{ to: { kind: 'other', key: '1' }, body: 'bye' }] }) })
    const { sends } = await stopActor(tidy, cell(), stop, NO_EFFECTS)
    expect(sends.map(({ to, type }) => [to.kind, type])).toEqual([
      ['other', 'request'],
      ['asker', 'down'],
    ])
  })
})

describe('watchActor', () => {
  it('answers at once for one that is gone or has failed', () => {
    const watch = envelope({ type: 'watch', from: ASKER })
    expect(watchActor(undefined, watch).sends).toMatchObject([{ to: ASKER, body: { reason: 'gone' } }])
    expect(watchActor(cell({ status: 'failed' }), watch).sends).toMatchObject([
      { to: ASKER, body: { reason: 'failed' } },
    ])
    expect(watchActor(cell(), watch).sends).toEqual([])
  })
})
