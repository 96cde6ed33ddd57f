import { expect, it } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import { simulatedClock } from '../../../src/testing/clock.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import type { Around } from '../../../src/work/rules/house-rules.ts'
import { makeFolder, openRuns } from '../../workflow/open-runs.ts'

it('a process that lacks the rules of a question asks no model, and one that has them goes on', async () => {
  const [folder, clock] = [makeFolder(), simulatedClock()]
  const asked: string[] = []
  const around: Around = {
    model(request, next) {
      asked.push(request.kind)
      return next()
    },
  }
  const busy = { times: 1, error: new RetryableError('busy', { code: 'model_unavailable' }) }
  const model = scriptedModel([busy, { reply: 'Because.' }], 'lab/one')
  const open = async (rules?: Around) => {
    const opened = await openRuns({ models: { 'lab/one': model }, ...(rules && { around: rules }), clock }, folder, {
      ...{ model: 'lab/one', models: [{ id: 'lab/one', paid: false }] },
    })
    return { ...opened, threads: opened.runtime.threads }
  }
  const first = await open(around)
  first.threads.ask({ thread: 't', prompt: 'Why?', quick: true, memory: false, id: 'q' }).catch(() => {})
  await expect.poll(() => model.calls.length).toBe(1)
  await first.stop()
  const second = await open()
  await second.threads.resumeAsk('t', 'q')
  await expect
    .poll(async () => {
      await clock.advance(60_000)
      return JSON.stringify(await second.runtime.inspector.why('chain/t'))
    })
    .toContain('"type":"code"')
  expect([asked, model.calls.length]).toEqual([['generate'], 1])
  await second.stop()
  const third = await open(around)
  await third.threads.resumeAsk('t', 'q')
  await expect
    .poll(async () => {
      await clock.advance(60_000)
      return (await third.threads.getAsk('t', 'q')).status
    })
    .toBe('completed')
  expect([asked, model.calls.length]).toEqual([['generate', 'generate'], 2])
})
