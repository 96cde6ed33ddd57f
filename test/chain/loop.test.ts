import { expect, test } from 'vitest'
import { createLimits } from '../../src/chain/protocol/limits.ts'
import { brief, setUp, stepOf } from './fixture.ts'

const decisions = (told: string[]) => told.filter((line) => /^(yield|loop)/.test(line))

test('Understanding that does not ask for another round ends in one cycle', async () => {
  const { ask, events, steps } = setUp({ script: { understanding: { loop: false } } })
  expect(await ask('why?')).toMatchObject({ cycles: 1 })
  expect(decisions(brief(await events()))).toEqual(['yield: complete'])
  expect(steps().filter((step) => step === 'understanding')).toHaveLength(1)
})

test('a loop to Experience runs from there, keeps what Action said, and says what is still open', async () => {
  const { ask, events, steps, model } = setUp({
    script: {
      action: 'ALPHA-7',
      understanding: [
        {
          reply: { loop: true, confidence: 0.4, gaps: ['the x of it'], infoSufficiency: 0.3, synthesis: 'one' },
          times: 1,
        },
        { reply: { loop: false, synthesis: 'entirely different words' } },
      ],
    },
  })
  expect(await ask('why?')).toMatchObject({ cycles: 2 })
  const round = ['experience', 'intention', 'observation', 'understanding']
  expect(steps()).toEqual(['action', ...round, ...round, 'yield'])
  expect(decisions(brief(await events()))).toEqual(['loop experience: needs information', 'yield: complete'])
  const second = model.calls.filter(({ prompt }) => stepOf(prompt) === 'experience')[1]!.prompt
  expect(second).toContain('the x of it')
  expect(second).toContain('ALPHA-7')
})

const round = (gaps: readonly string[], synthesis: string) => ({ confidence: 0.4, gaps, synthesis })

test.each([
  [[], undefined],
  [['the y of it'], 'Still open: the y of it'],
])('Yield reads the gaps of the last cycle alone: %j', async (gaps, told) => {
  const understanding = [
    { reply: { ...round(['the x of it'], 'first words'), loop: true }, times: 1 },
    { reply: { ...round(gaps, 'entirely other ones'), loop: false } },
  ]
  const { ask, steps, model } = setUp({ script: { understanding } })
  await ask('why?')
  expect(steps().filter((step) => step === 'understanding')).toHaveLength(2)
  const last = model.calls.at(-1)!.prompt
  expect(stepOf(last)).toBe('yield')
  expect(last).not.toContain('the x of it')
  expect(last).not.toContain('Look again')
  expect(/Still open: .*/.exec(last)?.[0]).toBe(told)
})

test('the notes of a phase that fails in a later cycle are not those of the cycle before', async () => {
  const { ask, model } = setUp({
    script: {
      observation: [{ reply: { observations: ['NOTE-1'], connections: [] }, times: 1 }, { reply: 'no object' }],
      understanding: [
        { reply: { ...round(['the x of it'], 'SYNTHESIS-1'), loop: true, target: 'experience' }, times: 1 },
        { reply: 'no object' },
      ],
    },
  })
  expect(await ask('why?')).toMatchObject({ cycles: 2 })
  const shown = model.calls.find(({ prompt }) => stepOf(prompt) === 'understanding')!.prompt
  expect(shown).toContain('NOTE-1')
  const last = model.calls.at(-1)!.prompt
  expect(stepOf(last)).toBe('yield')
  for (const note of ['NOTE-1', 'SYNTHESIS-1', 'the x of it']) expect(last).not.toContain(note)
})

test.each([1, 3, 5])('runs at most %i rounds, also if Understanding asks for more', async (maxCycles) => {
  const drafts = ['apple', 'brook', 'cedar', 'delta', 'ember', 'frost']
  const understanding = drafts.map((draft) => ({
    reply: { loop: true, confidence: 0.5, gaps: [`about ${draft}`], synthesis: draft },
    times: 1,
  }))
  const { ask, events, steps } = setUp({ script: { understanding }, limits: { maxCycles } })
  expect(await ask('why?')).toMatchObject({ cycles: maxCycles })
  expect(steps().filter((step) => step === 'understanding')).toHaveLength(maxCycles)
  expect(decisions(brief(await events())).at(-1)).toBe('yield: max_cycles')
})

test('three rounds by default; more than five are refused', () => {
  expect(createLimits().maxCycles).toBe(3)
  expect(() => setUp({ limits: { maxCycles: 6 } })).toThrow('expected 1 to 5')
})

test('high confidence ends it even when another round is asked for', async () => {
  const { ask, events } = setUp({ script: { understanding: { loop: true, confidence: 0.95, gaps: ['x'] } } })
  expect(await ask('why?')).toMatchObject({ cycles: 1 })
  expect(decisions(brief(await events()))).toEqual(['yield: confident'])
})

test('the same round is not asked for twice', async () => {
  const understanding = ['apple', 'brook'].map((synthesis) => ({
    reply: { loop: true, confidence: 0.5, gaps: ['The  same'], synthesis },
    times: 1,
  }))
  const { ask, events } = setUp({ script: { understanding } })
  await ask('why?')
  expect(decisions(brief(await events()))).toEqual(['loop action: not answered yet', 'yield: loop_detected'])
})

test('two drafts that say the same end it', async () => {
  const understanding = ['x', 'y'].map((gap) => ({
    reply: { loop: true, confidence: 0.5, gaps: [gap], synthesis: 'the very same draft' },
    times: 1,
  }))
  const { ask, events } = setUp({ script: { understanding } })
  await ask('why?')
  expect(decisions(brief(await events())).at(-1)).toBe('yield: converged')
})

test('prose instead of a decision, twice, degrades Understanding and still gets an answer', async () => {
  const { ask, events, steps } = setUp({ script: { understanding: 'I would rather talk about it.' } })
  const reply = await ask('why?')
  expect(reply).toMatchObject({ status: 'completed', cycles: 1, degraded: [{ phase: 'understanding' }] })
  expect(reply.answer).toContain('the answer')
  expect(steps().filter((step) => step === 'understanding')).toHaveLength(2)
  expect(brief(await events())).toEqual(expect.arrayContaining(['degraded understanding 1', 'yield: degraded']))
})

test('the decision is in the state of Understanding', async () => {
  const { ask, engine } = setUp({ script: { understanding: { loop: true, confidence: 0.95 } } })
  await ask('why?')
  const state = await engine.view.peek({ kind: 'phase', key: 't.understanding' })
  expect(state).toMatchObject({
    modality: 'text',
    continueChain: false,
    decisions: [{ decision: 'yield', reason: 'confident', ask: 1, cycle: 1 }],
  })
})
