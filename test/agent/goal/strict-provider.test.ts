import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { asked, openStrictProvider, type StrictReply } from '../../model/strict/server.ts'
import { CLERK } from './folder.ts'

/** A goal that asks a provider which answers 400 to requests that are not as they should be. */
async function work(replies: readonly StrictReply[]) {
  const provider = await openStrictProvider('openai', replies)
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-strict-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const lab = `{ type: openai-compatible, baseURL: "${provider.url}" }`
  writeFileSync(
    join(folder, 'antiphon.yaml'),
    `model: lab/one\nproviders: { lab: ${lab} }\nroots: ['.']\nwrites: [.]\n`,
  )
  writeFileSync(join(folder, 'a.txt'), 'tides')
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await createRuntime({ ...config, embedder: 'none' })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  const { id } = await runtime.goals.start({ agent: { ...CLERK, approve: 'none' }, goal: 'Look.' })
  await runtime.idle()
  const goal = await runtime.goals.get(id)
  const refused = goal.rounds[0]!.calls.map(({ outcome, result }) => (outcome === 'refused' ? result : outcome))
  return { goal, refused, provider, file: () => readFileSync(join(folder, 'a.txt'), 'utf8') }
}

test('calls that are wrong in every way are refused, and the goal goes on', async () => {
  const { goal, refused, provider } = await work([
    asked([
      { id: '1', name: 'filesystem_read', args: 'null' },
      { id: '1', name: 'filesystem_read', args: '["a.txt"]' },
      { id: '', name: 'functions.filesystem_read', args: '{"path":"a.txt"}' },
      { name: '', args: '{}' },
      { id: 'ü', name: 'filesystem_read', args: '{"path":' },
      { id: '2', name: '__proto__', args: '{"__proto__":{"a":1}}' },
      { id: '2', name: 'filesystem_read', args: '{"path":"a.txt"}' },
    ]),
    asked([{ id: '1', name: 'filesystem_read', args: '{"path":"a.txt"}' }]),
  ])
  expect(provider.refusals).toEqual([])
  expect(goal).toMatchObject({ status: 'completed', answer: 'done' })
  expect(refused).toEqual([
    'the parameters are not a JSON object: null',
    'the parameters are not a JSON object: ["a.txt"]',
    expect.stringMatching(/^there is no tool "functions.filesystem_read"; there are filesystem_append, /),
    expect.stringMatching(/^there is no tool unnamed_tool; /),
    'the parameters are not a JSON object: {"path":',
    expect.stringMatching(/^there is no tool __proto__; /),
    'succeeded',
  ])
})

test('a call inside which the reply was cut off is refused with that reason, and whole calls are made', async () => {
  const { goal, refused, provider } = await work([
    asked(
      [
        { id: '1', name: 'filesystem_read', args: '{"path":"a.txt"}' },
        { id: '2', name: 'filesystem_append', args: '{"path":"a.txt","content":"once upon a ' },
      ],
      'length',
    ),
  ])
  expect(provider.refusals).toEqual([])
  expect(goal).toMatchObject({ status: 'completed', answer: 'done' })
  expect(refused).toEqual([
    'succeeded',
    expect.stringMatching(
      /^the reply was cut off at the limit of tokens \(5\), so this call was not made; make shorter/,
    ),
  ])
})

test('a text that is cut twice, within a character and within a call is put together, and the call is made once it is whole', async () => {
  const append = (id: string, args: string) => ({ id, name: 'filesystem_append', args })
  const { goal, refused, provider, file } = await work([
    asked([], 'length', 'I count: one, two, '),
    asked([], 'length', 'three \ud83d'),
    asked([append('1', '{"path":"a.txt","content":"x')], 'length', '\ude00, four.'),
    asked([append('2', '{"path":"a.txt","content":"x"}')]),
  ])
  expect(provider.refusals).toEqual([])
  expect(refused).toEqual([expect.stringContaining('the reply was cut off at the limit of tokens')])
  expect(goal).toMatchObject({
    ...{ status: 'completed', answer: 'done' },
    rounds: [{ text: 'I count: one, two, three 😀, four.' }, { calls: [{ outcome: 'succeeded' }] }, {}],
  })
  expect(file()).toBe('tidesx')
})
