import { expect, onTestFinished, test } from 'vitest'
import { openAudit } from '../../../src/access/room/audit.ts'
import type { AuditQuery } from '../../../src/access/room/port.ts'
import { accessActors } from '../../../src/access/room.ts'
import { inlineEngine } from '../../../src/engine/inline/engine.ts'
import { dropAudits } from '../../../src/runtime/maintenance/retention/sweep.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'

const DAY = 24 * 3_600_000

function openEmpty() {
  const clock = simulatedClock(Date.parse('2026-03-01T12:00:00Z'))
  const engine = inlineEngine({ actors: accessActors(), clock })
  onTestFinished(() => engine.stop())
  const audit = openAudit({ engine, clock })
  const record = (owner: string, target: string) =>
    audit.record({ owner, key: 'k1', method: 'POST', route: '/v1/runs', target, status: 202 })
  const targets = async (query?: AuditQuery) => (await audit.list(query)).map(({ target }) => target)
  return { clock, engine, audit, record, targets }
}

async function openFilled() {
  const opened = openEmpty()
  const { clock, record } = opened
  for (const target of ['1', '2', '3']) await record('b', target)
  await record('a.x', '4')
  await clock.advance(DAY)
  await record('b', '5')
  return opened
}

test('the newest day comes first, then owners by name, then what was last', async () => {
  const { audit, targets } = await openFilled()
  expect(await targets()).toEqual(['5', '4', '3', '2', '1'])
  expect(await targets({ owner: 'b' })).toEqual(['5', '3', '2', '1'])
  expect(await targets({ day: '2026-03-01' })).toEqual(['4', '3', '2', '1'])
  expect(await targets({ owner: 'c' })).toEqual([])
  expect((await audit.list({ limit: 1 }))[0]).toEqual({
    owner: 'b',
    key: 'k1',
    method: 'POST',
    route: '/v1/runs',
    target: '5',
    status: 202,
    at: Date.parse('2026-03-02T12:00:00Z'),
    cursor: 'b.2026-03-02/1',
  })
})

test.each([1, 2, 3, 5])('pages of %d are the whole', async (limit) => {
  const { audit } = await openFilled()
  const seen: string[] = []
  for (let after: string | undefined; ; ) {
    const page = await audit.list({ limit, ...(after !== undefined && { after }) })
    seen.push(...page.map(({ target }) => target))
    after = page.at(-1)?.cursor
    if (after === undefined) break
  }
  expect(seen).toEqual(['5', '4', '3', '2', '1'])
})

test.each(['', 'b.2026-03-01', 'b.2026-03-01/0', 'b/2026-03-01/1', 'b.2026-03-01/1x'])(
  '%j is not a cursor',
  async (after) => {
    const { audit } = await openFilled()
    await expect(audit.list({ after })).rejects.toMatchObject({ name: 'InvalidError' })
  },
)

test('whole days go when they are old', async () => {
  const { clock, engine, targets } = await openFilled()
  const limits = { runs: 1, runDays: 1, deadLetterDays: 1, auditDays: 90 }
  const drop = (dryRun = false) => dropAudits({ engine, clock, limits, dryRun })
  await clock.advance(89 * DAY)
  expect(await drop()).toEqual([])
  await clock.advance(DAY)
  expect((await drop(true)).map(({ id }) => id)).toEqual(['a.x.2026-03-01', 'b.2026-03-01'])
  expect(await targets()).toHaveLength(5)
  await drop()
  expect(await targets()).toEqual(['5'])
})
