import { expect, test } from 'vitest'
import { setUp, stepOf } from './fixture.ts'

test('a thread remembers prompts and final answers, once each, and nothing the phases said; another thread knows none of it', async () => {
  const turns = [
    { reply: 'YIELD-1 <vid>v1</vid>', times: 1 },
    { reply: 'YIELD-2 <vid>v1</vid>', times: 1 },
    { reply: 'YIELD-3 <vid>v1</vid>', times: 1 },
    { reply: 'YIELD-4 <vid>v1</vid>' },
  ]
  const { ask, model } = setUp({
    script: { action: 'PHASE-PROSE', intention: { explicitIntent: 'PHASE-INTENT' }, yield: turns },
  })
  await ask('My number is 9876.')
  await ask('Tell me of the moon.')
  await ask('And of its air.')
  await ask('What was my number?')
  const action = model.calls.filter(({ prompt }) => stepOf(prompt) === 'action').at(-1)!.prompt
  expect(action.split('9876')).toHaveLength(2)
  expect(action.split('YIELD-1')).toHaveLength(2)
  expect(action).not.toMatch(/PHASE-|vid/)
  await ask('What was my number?', { thread: 'other' })
  const other = model.calls.filter(({ prompt }) => stepOf(prompt) === 'action').at(-1)!.prompt
  expect(other).not.toMatch(/9876|YIELD-1/)
})

test('a follow-up without files reads those the thread was last given', async () => {
  const { ask } = setUp()
  await ask('What is the moon made of?', { files: ['moon.md'] })
  expect((await ask('Has it air?', { files: [] })).citations).toMatchObject([{ file: 'moon.md' }])
  expect((await ask('Has it air?', { files: [], thread: 'other' })).citations).toEqual([])
})

test('only the latest exchanges enter a prompt', async () => {
  const { ask, model } = setUp({ limits: { remembered: 2 } })
  for (const word of ['FIRST', 'SECOND', 'THIRD', 'FOURTH']) await ask(word)
  const last = model.calls.filter(({ prompt }) => stepOf(prompt) === 'action').at(-1)!.prompt
  expect(last).not.toContain('FIRST')
  expect(last).toContain('SECOND')
  expect(last).toContain('THIRD')
})

test('the working state of an ask is deleted at its end; its record stays', async () => {
  const { ask, engine, record } = setUp()
  await ask('why?', { id: 'ask_1' })
  const names: string[] = []
  for await (const [name] of engine.view.parts({ kind: 'chain', key: 't' })) names.push(name)
  expect(names).toEqual(['ask/1', 'number/ask_1', 'sources'])
  expect(await record(1)).toMatchObject({
    id: 'ask_1',
    prompt: 'why?',
    status: 'completed',
    answer: 'the answer <vid>v1</vid>',
  })
})
