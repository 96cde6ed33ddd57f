import { expect, test } from 'vitest'
import { brief, setUp, stepOf } from './fixture.ts'

test('an ask goes through the six phases in their order and answers with what Yield says', async () => {
  const { ask, events, steps } = setUp()
  const reply = await ask('What is the moon made of?', { id: 'ask_1' })
  expect(steps()).toEqual(['action', 'experience', 'intention', 'observation', 'understanding', 'yield'])
  expect(reply.answer).toBe('the answer <vid>v1</vid>')
  expect(reply).toMatchObject({
    status: 'completed',
    cycles: 1,
    degraded: [],
    invalidCitations: [],
    model: 'scripted/model',
  })
  expect(reply.citations).toMatchObject([{ vid: 'v1', source: 's1', file: 'moon.md', line: 3 }])
  const told = await events()
  expect(brief(told)).toEqual([
    'ask-start',
    'start action 1',
    'completed action 1',
    'start experience.vectors 1',
    'start experience.web 1',
    'skipped experience.web 1',
    'completed experience.vectors 1',
    'start intention 1',
    'completed intention 1',
    'start observation 1',
    'completed observation 1',
    'start understanding 1',
    'completed understanding 1',
    'yield: complete',
    'start yield 1',
    'completed yield 1',
    'ask-end completed',
  ])
  expect(told.map(({ n }) => n)).toEqual(told.map((_, at) => at + 1))
  expect(new Set(told.map(({ correlationId }) => correlationId))).toEqual(new Set(['ask_1']))
})

test('each phase gets the findings of the phases before it, and the prompt as typed', async () => {
  const prompt = 'Compare them, please 🌙  '
  const { ask, model } = setUp({
    script: {
      action: 'ALPHA-7',
      intention: { explicitIntent: 'compare two moons' },
      understanding: { loop: false, synthesis: 'SYNTHESIS-9' },
    },
  })
  await ask(prompt)
  const request = Object.fromEntries(model.calls.map((call) => [stepOf(call.prompt), call.prompt]))
  expect(request.experience).toContain('ALPHA-7')
  expect(request.observation).toContain('compare two moons')
  expect(request.yield).toContain('SYNTHESIS-9')
  for (const text of Object.values(request)) expect(text).toContain(prompt)
})

test.each([
  ['with texts', { files: ['moon.md'] }, {}, 6],
  ['without texts', { files: [] }, {}, 5],
  ['with texts, in three rounds', { files: ['moon.md'] }, { understanding: rounds() }, 16],
  ['quick, with texts', { files: ['moon.md'], quick: true }, {}, 1],
  ['quick, without texts', { files: [], quick: true }, { yield: 'from memory' }, 1],
])('an ask %s makes as many model calls as its help says', async (_, given, script, calls) => {
  const { ask, steps } = setUp({ script })
  expect(await ask('why?', given)).toMatchObject({ status: 'completed' })
  expect(steps()).toHaveLength(calls)
})

/** Understanding asks for one round after another, each with something else to find out. */
function rounds() {
  const reply = (gap: string) => ({ reply: { loop: true, target: 'action', gaps: [gap], synthesis: gap }, times: 1 })
  return [reply('one'), reply('two'), reply('three')]
}

test('a quick ask is answered from the texts, cites them, and is refused like any other', async () => {
  const { ask, events, model } = setUp({
    script: { yield: [{ reply: 'Basalt <vid>v1</vid>.', times: 1 }, { reply: 'Cheese.' }] },
  })
  expect(await ask('What is the moon made of?', { quick: true })).toMatchObject({
    answer: 'Basalt <vid>v1</vid>.',
    cycles: 1,
    degraded: [],
    citations: [{ file: 'moon.md' }],
  })
  expect(brief(await events())).toEqual([
    'ask-start',
    'start experience.vectors 1',
    'completed experience.vectors 1',
    'start yield 1',
    'completed yield 1',
    'ask-end completed',
  ])
  expect(model.calls[0]!.prompt).toContain('The moon is made of basalt.')
  await expect(ask('What is the moon made of?', { quick: true })).rejects.toMatchObject({ code: 'refused' })
  await expect(ask('why?', { quick: true, recursion: 'step' })).rejects.toMatchObject({ code: 'invalid_input' })
})
