import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openParts } from './runtime.ts'
import { live, openStory } from './story.ts'

test.each([
  [['before a', 'within a', 'after a'], 'aabc'],
  [['after b', 'before c'], 'abc'],
  [['within c', 'after c'], 'abcc'],
])('a process that is killed %j of the parts of its call repeats only what had not ended', async (dies, expected) => {
  const { folder, file, did } = openStory(...dies)
  for (const at of dies) expect(await live(folder, file, 'parts'), at).toBe('SIGKILL')
  expect(await live(folder, file, 'parts')).toBe(null)
  const runtime = await openParts(folder)
  onTestFinished(() => runtime.stop())
  expect(await runtime.runs.get('run')).toMatchObject({ status: 'completed', outputs: { order: 'abc' } })
  expect(did()).toBe(expected)
})

test('a part that must not be repeated waits for a person after a kill', async () => {
  const { folder, file, did } = openStory('within b')
  expect(await live(folder, file, 'parts')).toBe('SIGKILL')
  const runtime = await openParts(folder)
  onTestFinished(() => runtime.stop())
  await runtime.runs.resume('run')
  await runtime.idle()
  expect(await runtime.inbox.list({ run: 'run' })).toMatchObject([{ kind: 'unknown', signal: 'call:order' }])
  expect(did()).toBe('ab')
  await runtime.runs.settle('run', 'order', { outcome: 'not-done' })
  await runtime.idle()
  expect(await runtime.runs.get('run')).toMatchObject({ status: 'completed', outputs: { order: 'abc' } })
  expect(did()).toBe('abbc')
})

test('the process of a tool that is killed in a part is started again, and repeats only what had not ended', async () => {
  const { folder, file, did } = openStory('within a', 'after b', 'within c')
  appendFileSync(join(folder, 'antiphon.yaml'), '{}')
  const runtime = await openParts(folder)
  onTestFinished(() => runtime.stop())
  await runtime.tools.call([{ id: 'order', tool: 'parts-aside', parameters: { file }, retry: 5 }], { id: 'run' })
  await runtime.idle()
  expect(await runtime.runs.get('run')).toMatchObject({ status: 'completed', outputs: { order: 'abc' } })
  expect(did()).toBe('aabcc')
})
