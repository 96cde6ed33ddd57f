import { expect, test } from 'vitest'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { type DeliveryOutcome, NOTICES, type NoticeState, noticeActor } from '../../src/notify/actor.ts'
import { type NoticeItem, noticeId, noticeRef } from '../../src/notify/item.ts'
import { simulatedClock, until } from '../../src/testing/index.ts'

const HOUR = 3_600_000
const ITEM: NoticeItem = {
  id: noticeId(['gate']),
  event: 'approval',
  kind: 'approval',
  owner: 'local',
  since: 1,
  run: 'r',
}
const REF = noticeRef(ITEM.id, 'mailroom')
const REFUSED: DeliveryOutcome = { status: 'failed', code: 'notice_refused', message: 'https://a answered with 500' }

/** A notice whose receiver answers as the outcomes say; the last one is repeated. */
async function openNotice(...outcomes: DeliveryOutcome[]) {
  const clock = simulatedClock()
  const attempts: { readonly at: number; readonly notice: NoticeState }[] = []
  const began = clock.now()
  const actor = noticeActor(async (notice) => {
    attempts.push({ at: clock.now() - began, notice })
    return outcomes.length > 1 ? outcomes.shift()! : outcomes[0]!
  })
  const engine = inlineEngine({ actors: [actor], clock })
  const tell = (body: object) => engine.tell(REF, body as never, { correlationId: NOTICES })
  await tell({ type: 'announce', item: ITEM, receiver: 'mailroom' })
  await clock.advance(0)
  const state = () => engine.view.peek(REF) as Promise<NoticeState | undefined>
  return { engine, clock, attempts, tell, state, outcomes }
}

test('a message is sent once, and an item that is announced again changes nothing', async () => {
  const { tell, clock, attempts, state } = await openNotice({ status: 'delivered' })
  await tell({ type: 'announce', item: ITEM, receiver: 'mailroom' })
  await clock.advance(48 * HOUR)
  expect(attempts.length).toBe(1)
  expect(await state()).toMatchObject({ status: 'delivered', attempts: 1 })
  await tell({ type: 'over' })
  await clock.advance(0)
  expect(await state()).toBeUndefined()
})

test('after a day of failures the message is a dead letter, and a retry of the letter sends it', async () => {
  const { engine, clock, attempts, state, outcomes } = await openNotice(REFUSED)
  await clock.advance(48 * HOUR)
  const minutes = attempts.map(({ at }) => Math.round(at / 6000) / 10)
  expect(minutes.slice(0, 8)).toEqual([0, 0.1, 0.6, 2.6, 12.6, 42.6, 102.6, 162.6])
  expect(minutes.at(-1)).toBeGreaterThan(22 * 60)
  expect(minutes.at(-1)).toBeLessThanOrEqual(24 * 60)
  expect(new Set(attempts.map(({ notice }) => notice.nonce)).size).toBe(1)
  expect(await state()).toMatchObject({ status: 'failed', problem: { code: 'notice_refused' } })
  await until(async () => (await engine.deadLetters.list()).length > 0)
  const [letter, ...others] = await engine.deadLetters.list()
  expect(others).toEqual([])
  expect(letter!.problem).toMatchObject({
    code: 'notice_failed',
    message: expect.stringContaining('answered with 500'),
  })

  outcomes[0] = { status: 'delivered' }
  await engine.deadLetters.retry(letter!.id)
  await clock.advance(0)
  expect(await state()).toMatchObject({ status: 'delivered' })
  expect(await engine.deadLetters.list()).toEqual([])
})

test('one reminder follows a message that was taken', async () => {
  const { clock, attempts, state } = await openNotice(REFUSED, { status: 'delivered', remindAfter: 4 * HOUR })
  await clock.advance(4 * HOUR)
  expect(attempts.length).toBe(2)
  await clock.advance(48 * HOUR)
  expect(attempts.map(({ at, notice }) => [Math.round(at / HOUR), notice.isReminder])).toEqual([
    [0, undefined],
    [0, undefined],
    [4, true],
  ])
  expect(await state()).toMatchObject({ status: 'delivered', isReminder: true })
})

test('a reminder that fails is tried for a day, too', async () => {
  const delivered: DeliveryOutcome = { status: 'delivered', remindAfter: HOUR }
  const { engine, clock, attempts } = await openNotice(delivered, REFUSED)
  await clock.advance(72 * HOUR)
  expect(attempts.length).toBeGreaterThan(25)
  await until(async () => (await engine.deadLetters.list()).length > 0)
  expect(await engine.deadLetters.list()).toMatchObject([{ problem: { code: 'notice_failed' } }])
})

test('a notice ends when its item does not wait any more', async () => {
  const { clock, state, attempts } = await openNotice(REFUSED, { status: 'over' })
  await clock.advance(HOUR)
  expect(attempts.length).toBe(2)
  expect(await state()).toBeUndefined()
})
