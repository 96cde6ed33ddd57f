import { expect, test } from 'vitest'
import { inlineDisk } from '../../../src/engine/inline/disk.ts'
import { inlineEngine } from '../../../src/engine/inline/engine.ts'
import type { Duty } from '../../../src/memory/actor/duty.ts'
import { MEMORY_WORK, memoryActor, memoryRef } from '../../../src/memory/actor/memory-actor.ts'
import type { DutyResult } from '../../../src/memory/actor/schedule.ts'
import { simulatedClock } from '../../../src/testing/index.ts'

function open(run: (at: number) => DutyResult) {
  const clock = simulatedClock(0)
  const disk = inlineDisk()
  const ran: number[] = []
  const duty: Duty = {
    name: 'sweep',
    pause: 0,
    async run() {
      ran.push(clock.now())
      return run(clock.now())
    },
  }
  const start = () => inlineEngine({ actors: [memoryActor(() => [duty])], clock, disk })
  const wake = (engine: ReturnType<typeof start>) =>
    engine.tell(memoryRef('ada'), { type: 'wake', at: clock.now() }, { correlationId: MEMORY_WORK })
  return { clock, ran, start, wake }
}

test('a duty runs after a write, and then whenever it asks to', async () => {
  const { clock, ran, start, wake } = open((at) => (at < 20_000 ? { next: at + 10_000 } : {}))
  const engine = start()
  await wake(engine)
  await clock.advance(100_000)
  expect(ran).toEqual([0, 10_000, 20_000])
  await wake(engine)
  await clock.advance(0)
  expect(ran.at(-1)).toBe(100_000)
  expect(await engine.view.list('memory')).toEqual([{ key: 'ada', index: { woken: 100_000, owner: 'ada' } }])
})

test('the next process goes on by the timer', async () => {
  const { clock, ran, start, wake } = open((at) => ({ next: at + 10_000 }))
  const engine = start()
  await wake(engine)
  await clock.advance(5_000)
  await engine.stop()
  const next = start()
  await clock.advance(60_000)
  expect(ran).toEqual([0])
  await next.start({ only: MEMORY_WORK })
  await clock.advance(0)
  expect(ran).toEqual([0, 65_000])
})

test('a failure is stored by its code alone, and the duty is tried again', async () => {
  let isBroken = true
  const { clock, ran, start, wake } = open(() => {
    if (isBroken) throw Object.assign(new Error('could not embed "the secret"'), { code: 'EIO' })
    return {}
  })
  const engine = start()
  await wake(engine)
  await clock.advance(3_000)
  const state = JSON.stringify(await engine.view.peek(memoryRef('ada')))
  expect(state).toContain('"attempts":2')
  expect(state).not.toContain('secret')
  isBroken = false
  await clock.advance(5_000)
  expect(ran.length).toBe(3)
  expect(JSON.stringify(await engine.view.peek(memoryRef('ada')))).not.toContain('failed')
})
