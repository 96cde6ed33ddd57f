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

test('each phase is handed what the ones before it found, and the prompt as it was typed', async () => {
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
