import { expect, test } from 'vitest'
import type { Domain } from '../../../src/thread/protocol/domain.ts'
import { setUp } from '../fixture.ts'

const WRONG = 'It has 3 airs. <vid>v1</vid>'
const RIGHT = 'It has no air. <vid>v1</vid>'
const checks = ['numbers', 'cited']
const turns = (...replies: readonly string[]) => ({ yield: replies.map((reply) => ({ reply, times: 1 })) })

test('an answer that fails a check is written again, and told what failed', async () => {
  const { ask, model, steps } = setUp({ script: turns(WRONG, RIGHT) })
  const reply = await ask('Has it air?', { checks })
  expect(reply).toMatchObject({ answer: RIGHT, checks: checks.map((check) => ({ check, faults: [] })), degraded: [] })
  expect(steps().filter((step) => step === 'yield')).toHaveLength(2)
  const { prompt } = model.calls.at(-1)!
  expect(prompt).toContain('- numbers: no cited text states 3, as in "It has 3 airs."')
  expect(prompt).toContain('<document name="last answer">\nIt has 3 airs.')
})

test('a second failure degrades the answer, with each fault', async () => {
  const { ask, record } = setUp({ script: turns(WRONG, WRONG) })
  const fault = 'no cited text states 3, as in "It has 3 airs."'
  expect(await ask('Has it air?', { checks })).toMatchObject({
    answer: WRONG,
    checks: [
      { check: 'numbers', faults: [fault] },
      { check: 'cited', faults: [] },
    ],
    degraded: [{ phase: 'yield', reason: `the check "numbers" failed: ${fault}`, completed: true }],
  })
  expect((await record(1)).checks).toHaveLength(2)
})

test('a domain refuses such an answer, and the first answer does not stand in for it', async () => {
  const strict: Domain = { checks: ['cited'], otherwise: 'refuse', sources: [] }
  const { ask, record } = setUp({
    ownDomains: new Map([['strict', strict]]),
    script: turns('Maybe.', 'Maybe.'),
  })
  const refused = ask('Has it air?', { domain: 'strict', checks: ['quotes'], files: [] })
  await expect(refused).rejects.toMatchObject({
    code: 'check_failed',
    message: expect.stringContaining('cited: no text is cited for "Maybe."'),
  })
  expect(await record(1)).toMatchObject({ status: 'failed', answer: '' })
})

test('a model that only selects is not asked again; the age of a file is that of the file', async () => {
  const changedAt = async () => Date.now() - 100.5 * 86_400_000
  const { ask } = setUp({ changedAt })
  const asked = { models: { default: 'offline/extractive' }, checks: ['fresh: 90d', 'quotes'] }
  expect(await ask('What is the moon made of?', asked)).toMatchObject({
    checks: [
      { check: 'fresh: 90d', faults: ['moon.md is 100 days old, and at most 90 are allowed'] },
      { check: 'quotes', faults: [] },
    ],
  })
  await expect(ask('Has it air?', { checks: ['numbrs'] })).rejects.toMatchObject({
    message: expect.stringContaining('did you mean numbers?'),
  })
})
