import { expect, test, vi } from 'vitest'
import { isProviderWait, onlyProviderWaits } from '../../src/cli/connect/provider-waits.ts'
import type { Why } from '../../src/runtime/ports/inspector.ts'
import type { ScriptedTurn } from '../../src/testing/scripted-model.ts'
import { CLERK, openGoals } from '../agent/goal/folder.ts'

const busy: ScriptedTurn = { error: { statusCode: 429, message: 'slow', responseHeaders: { 'retry-after': '300' } } }
const text = 'name: x\nsteps:\n  - { id: a, action: generate, parameters: { prompt: Hello. } }\n'

test('a process whose work only waits for providers may end, and says how the work continues', async () => {
  const { runtime } = await openGoals([busy])
  expect(await onlyProviderWaits(runtime)).toBeUndefined()
  const { id: goal } = await runtime.goals.start({ agent: CLERK, goal: 'Go.' })
  const { id: run } = await runtime.runs.start({ source: { text } })
  await runtime.threads.startAsk({ id: 'ask_1', prompt: 'When is ebb?', thread: 'tides' })
  await vi.waitFor(async () => {
    expect(new Set(await onlyProviderWaits(runtime))).toEqual(
      new Set([
        ['agent', 'resume', goal],
        ['resume', run],
        ['resume', 'ask_1'],
      ]),
    )
  }, 10_000)
})

const why = (more: Partial<Why>): Why => ({
  of: 'run/a',
  status: 'running',
  holds: [],
  waitsFor: [],
  more: 0,
  letters: [],
  ...more,
})
const provider = why({ holds: [{ type: 'provider' }, { type: 'timer', timer: 'retry', until: 1 }] })

test.each<[string, Why, boolean]>([
  ['a wait for a provider', provider, true],
  ['two such waits below a run', why({ holds: [{ type: 'others' }], waitsFor: [provider, provider] }), true],
  ['a step that works beside one that waits', why({ waitsFor: [provider, why({})] }), false],
  ['more actors than are shown', why({ waitsFor: [provider], more: 1 }), false],
  ['a signal', why({ holds: [{ type: 'signal', name: 'go' }] }), false],
])('%s', (_, of, expected) => {
  expect(isProviderWait(of)).toBe(expected)
})
