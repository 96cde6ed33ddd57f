import { expect, it } from 'vitest'
import { auditKey } from '../../src/access/audit.ts'
import { accessActors } from '../../src/access/room.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { simulatedClock } from '../../src/testing/clock.ts'

const AT = Date.parse('2026-03-01T23:59:59.999Z')
const ENTRY = {
  ...{ at: AT, key: 'k1', owner: 'a.team', method: 'POST', route: '/v1/runs/{id}/cancel' },
  ...{ target: '/v1/runs/r/cancel', status: 202, address: '127.0.0.1' },
}

it('is one for each owner and day', () => {
  expect(auditKey(ENTRY)).toBe('a.team.2026-03-01')
  expect(auditKey({ ...ENTRY, at: AT + 1 })).toBe('a.team.2026-03-02')
})

it('records requests as events, and is deleted on request', async () => {
  const engine = inlineEngine({ actors: accessActors(), clock: simulatedClock() })
  const of = { kind: 'audit', key: auditKey(ENTRY) }
  await engine.tell(of, { type: 'record', entry: ENTRY })
  for await (const { n, body } of engine.view.events(of)) {
    expect([n, body]).toEqual([1, ENTRY])
    break
  }
  expect(await engine.view.list('audit')).toEqual([{ key: of.key, index: { owner: 'a.team', day: '2026-03-01' } }])
  expect(await engine.ask(of, { type: 'expire' })).toBe(true)
  expect(await engine.view.inspect({ kind: 'audit' })).toEqual([])
})
