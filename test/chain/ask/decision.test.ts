import { expect, test } from 'vitest'
import { copyDisk, inlineDisk } from '../../../src/engine/inline/disk.ts'
import { findStranded } from '../../../src/engine/liveness.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import type { ThreadState } from '../../../src/thread/protocol/ask-state.ts'
import { brief, type ScriptFor, type Setup, STEPS, setUp, stepOf } from '../fixture.ts'

const thread = { kind: 'chain', key: 't' }
const LOOPS = { reply: { loop: true, confidence: 0.4, gaps: ['the x of it'], infoSufficiency: 0.3, synthesis: 'one' } }
const DONE = { reply: { loop: false, confidence: 0.8, synthesis: 'entirely different words' } }

function stepping(script: ScriptFor, setup: Setup = {}) {
  const chain = setUp({ script, ...setup })
  const state = async () => (await chain.engine.view.peek(thread)) as ThreadState | undefined
  return {
    ...chain,
    state,
    begin: (id = 'ask_1') =>
      chain.ask('why?', { id, recursion: 'step' }).catch((error: unknown) => error as { readonly code: string }),
    parked: (cycle = 1) => until(async () => (await state())?.current?.proposal?.cycle === cycle),
    decide: (decision: { readonly [field: string]: Json }, id = 'ask_1') =>
      chain.engine.ask(thread, { type: 'decide', ...decision }, { correlationId: id }),
  }
}

const told = (lines: readonly string[]) => lines.filter((line) => /^(yield|loop|decision-wait)/.test(line))

test('never: runs one cycle, also if Understanding asks for another', async () => {
  const { ask, events } = setUp({ script: { understanding: LOOPS } })
  expect(await ask('why?', { recursion: 'never' })).toMatchObject({ cycles: 1 })
  expect(told(brief(await events()))).toEqual(['yield: never'])
})

test('step: the ask waits after Understanding with its proposal, and continues as proposed', async () => {
  const { begin, parked, decide, state, events, steps, engine } = stepping({
    understanding: [{ ...LOOPS, times: 1 }, DONE],
  })
  const answer = begin()
  await parked()
  expect(steps().at(-1)).toBe('understanding')
  expect((await state())?.current).toMatchObject({
    waiting: [],
    proposal: { decision: 'loop', target: 'experience', confidence: 0.4, gaps: ['the x of it'], mayLoop: true },
  })
  expect(await engine.view.list('chain', { where: { inbox: 1, waits: 'decision:ask_1' } })).toHaveLength(1)
  expect(await findStranded(engine.view)).toEqual([])
  expect(await decide({ decision: 'accept' })).toMatchObject({ decision: 'loop', target: 'experience' })
  await parked(2)
  expect(await decide({ decision: 'accept' })).toEqual({ decision: 'yield', reason: 'complete' })
  expect(await answer).toMatchObject({ status: 'completed', cycles: 2 })
  expect(await engine.view.list('chain', { where: { inbox: 1 } })).toEqual([])
  const seen = await events()
  expect(told(brief(seen))).toEqual([
    'decision-wait',
    'loop experience: needs information',
    'decision-wait',
    'yield: complete',
  ])
  expect(seen.every(({ correlationId }) => correlationId === 'ask_1')).toBe(true)
})

test('step: the decision names the phase and the aim of the next cycle, up to the limit of cycles', async () => {
  const { begin, parked, decide, steps, model } = stepping(
    { understanding: [{ ...DONE, times: 1 }, LOOPS] },
    { limits: { maxCycles: 3 } },
  )
  const answer = begin()
  await parked()
  await decide({ decision: 'loop', target: 'intention', prompt: 'Ask for the COLOUR.' })
  await parked(2)
  const intentions = model.calls.filter(({ prompt }) => stepOf(prompt) === 'intention')
  expect(intentions.map(({ prompt }) => prompt.includes('COLOUR'))).toEqual([false, true])
  expect(steps().filter((step) => step === 'action')).toHaveLength(1)
  await decide({ decision: 'loop', target: 'understanding' })
  await parked(3)
  expect(steps().slice(-2)).toEqual(['understanding', 'understanding'])
  await expect(decide({ decision: 'loop' })).rejects.toMatchObject({
    code: 'no_more_cycles',
    hint: expect.stringContaining('yield'),
  })
  expect(await decide({ decision: 'yield' })).toEqual({ decision: 'yield', reason: 'decided' })
  expect(await answer).toMatchObject({ status: 'completed', cycles: 3 })
})

test('a prompt that is too long is refused, and it still waits', async () => {
  const { begin, parked, decide } = stepping({ understanding: DONE }, { limits: { promptSize: 100 } })
  const answer = begin()
  await parked()
  await expect(decide({ decision: 'loop', prompt: 'x'.repeat(101) })).rejects.toMatchObject({ code: 'too_large' })
  await decide({ decision: 'accept' })
  expect(await answer).toMatchObject({ status: 'completed' })
})

test('a decision for an ask that waits for none is refused', async () => {
  const held = gate()
  const { begin, parked, decide, model } = stepping({ action: { gate: held.pass(), reply: 'first' } })
  const answer = begin()
  await until(() => model.calls.length === 1)
  await expect(decide({ decision: 'yield' })).rejects.toMatchObject({ code: 'not_waiting' })
  held.release()
  await parked()
  await expect(decide({ decision: 'yield', target: 'action' })).rejects.toMatchObject({ code: 'invalid_input' })
  await expect(decide({ decision: 'yield' }, 'ask_2')).rejects.toMatchObject({ code: 'not_waiting' })
  await decide({ decision: 'yield' })
  await answer
  await expect(decide({ decision: 'yield' })).rejects.toMatchObject({ code: 'not_waiting' })
})

test('Understanding that failed proposes to answer; somebody may have it tried again', async () => {
  const { begin, parked, decide, state } = stepping({
    understanding: [{ reply: 'prose', times: 2 }, DONE],
  })
  const answer = begin()
  await parked()
  expect((await state())?.current?.proposal).toMatchObject({ decision: 'yield', reason: 'degraded', mayLoop: true })
  await decide({ decision: 'loop', target: 'understanding' })
  await parked(2)
  await decide({ decision: 'accept' })
  expect(await answer).toMatchObject({ degraded: [{ phase: 'understanding' }], cycles: 2 })
})

test('the deadline pauses while the ask waits, and continues afterwards', async () => {
  const clock = simulatedClock()
  const slow = gate()
  const never = gate()
  const { begin, parked, decide, state, events, model } = stepping(
    {
      observation: [{ gate: slow.pass(), reply: { observations: ['noted'] }, times: 1 }, { gate: never.pass() }],
      understanding: DONE,
    },
    { clock, limits: { deadline: 300_000 } },
  )
  const answer = begin()
  await until(() => model.calls.some(({ prompt }) => stepOf(prompt) === 'observation'))
  await clock.advance(100_000)
  slow.release()
  await parked()
  await clock.advance(10 * 24 * 3_600_000)
  await decide({ decision: 'loop', target: 'observation' })
  await until(() => model.calls.filter(({ prompt }) => stepOf(prompt) === 'observation').length === 2)
  await clock.advance(199_999)
  expect((await state())?.current).toMatchObject({ waiting: ['observation'], cycle: 2 })
  await clock.advance(1)
  expect(await answer).toMatchObject({ status: 'completed', degraded: [{ phase: 'observation' }] })
  expect(brief(await events())).toContain('yield: deadline')
})

test('a deadline message sent before the wait began has no effect', async () => {
  const { begin, parked, decide, engine } = stepping({})
  const answer = begin()
  await parked()
  await engine.tell(thread, { type: 'deadline', ask: 1 })
  await decide({ decision: 'accept' })
  expect(await answer).toMatchObject({ status: 'completed', degraded: [] })
})

test('an ask cancelled while it waits for a decision ends, and the next one begins', async () => {
  const { ask, begin, parked, engine, record } = stepping({})
  const answer = begin()
  await parked()
  const next = ask('and then?', { id: 'ask_2' })
  await until(
    async () => (await engine.view.list('chain', { where: { asks: 2, waits: 'decision:ask_1' } })).length === 1,
  )
  expect(await engine.ask(thread, { type: 'expire' })).toBe(false)
  await engine.cancel(thread, 'ask_1', 'changed my mind')
  expect(await answer).toMatchObject({ code: 'cancelled' })
  expect(await next).toMatchObject({ status: 'completed' })
  expect(await record(1)).toMatchObject({ status: 'cancelled' })
  expect(await engine.view.list('chain', { where: { inbox: 1 } })).toEqual([])
})

test('cancelling the next ask in the queue leaves the wait for a decision as it is', async () => {
  const { ask, begin, parked, engine } = stepping({})
  void begin()
  await parked()
  const next = ask('and then?', { id: 'ask_2' }).catch((error: unknown) => error)
  await until(async () => (await engine.view.list('chain', { where: { asks: 2 } })).length === 1)
  await engine.cancel(thread, 'ask_2', 'not needed')
  expect(await next).toMatchObject({ code: 'cancelled' })
  expect(await engine.view.list('chain', { where: { inbox: 1, waits: 'decision:ask_1' } })).toHaveLength(1)
})

test('after a kill during the wait, the ask still waits, and no phase runs again', async () => {
  const disk = inlineDisk()
  const first = stepping({ understanding: LOOPS }, { disk })
  void first.begin()
  await first.parked()
  const left = copyDisk(disk)
  const again = stepping({ understanding: DONE }, { disk: left })
  await again.engine.start()
  expect((await again.state())?.current?.proposal).toMatchObject({ decision: 'loop' })
  const answer = again.begin()
  await again.decide({ decision: 'yield' })
  expect(await answer).toMatchObject({ status: 'completed', cycles: 1 })
  expect([...first.steps(), ...again.steps()]).toEqual([...STEPS])
})
