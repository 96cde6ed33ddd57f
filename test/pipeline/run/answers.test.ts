import { expect, test } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { callbackTools } from '../../../src/pipeline/tools/callback-tools.ts'
import { until } from '../../../src/testing/index.ts'
import { openWorkshop, type Workshop } from '../workshop.ts'

const RUN = { kind: 'run', key: 'run_1' }

/** The steps that ask a person, and an answer to each. */
const QUESTIONS: readonly (readonly [tool: string, parameters: string, answer: Json])[] = [
  ['approval-gate', '{ title: Send it? }', { action: 'approve' }],
  ['user-prompt', '{ prompt: Which one?, context: api }', 'the blue one'],
  ['feedback-collection', '{ title: How was it?, questions: [{ id: q, text: Good? }] }', { q: 'yes' }],
]

const openWith = async (tool: string, parameters: string, before: string) => {
  const workshop = openWorkshop({ tools: callbackTools })
  await workshop.start(`
name: w
steps:
  - { id: first, tool: wait-for-signal, parameters: { signal: begin } }
  - { id: gate, tool: ${tool}, dependencies: [first], parameters: ${parameters} }`)
  if (before !== 'early') {
    await send(workshop, 'begin', true)
    await untilAsked(workshop)
  }
  return workshop
}

/** Sends a signal as somebody who may run pipelines, and may not answer for people; with `approve` as somebody who may. */
const send = ({ engine }: Workshop, name: string, value: Json, who: 'run' | 'approve' = 'run') =>
  engine.ask(RUN, { type: 'signal', name, value, ...(who === 'run' && { answers: false }) })

const untilAsked = ({ engine }: Workshop) =>
  until(async () => {
    const listed = await engine.view.list('step', { where: { inbox: 1 } })
    return listed.some(({ key }) => key === 'run_1.gate')
  })

const endOf = async ({ events }: Workshop) => (await events('run_1')).at(-1)

test.each(QUESTIONS)(
  '%s takes no answer that was sent without the right to answer, and goes on waiting',
  async (...given) => {
    const [tool, parameters, answer] = given
    const workshop = await openWith(tool, parameters, 'asked')
    for (let times = 0; times < 3; times++)
      await expect(send(workshop, 'gate', answer)).rejects.toMatchObject({ code: 'scope_missing' })
    await untilAsked(workshop)
    expect(await send(workshop, 'gate', answer, 'approve')).toMatchObject({ status: 'taken' })
    expect(await endOf(workshop)).toMatchObject({ status: 'completed' })
  },
)

test.each(QUESTIONS)('%s takes none that was kept before it asked', async (tool, parameters, answer) => {
  const workshop = await openWith(tool, parameters, 'early')
  expect(await send(workshop, 'gate', answer)).toMatchObject({ status: 'kept' })
  expect(await send(workshop, 'gate', answer)).toMatchObject({ status: 'kept' })
  // a program may go on with what is no question
  expect(await send(workshop, 'begin', true)).toMatchObject({ status: 'taken' })
  await untilAsked(workshop)
  expect(await send(workshop, 'gate', answer, 'approve')).toMatchObject({ status: 'taken' })
  expect(await endOf(workshop)).toMatchObject({ status: 'completed' })
})

test('an answer that was kept with the right to answer opens the gate, as before', async () => {
  const workshop = await openWith('approval-gate', '{ title: Send it? }', 'early')
  expect(await send(workshop, 'gate', { action: 'reject' })).toMatchObject({ status: 'kept' })
  expect(await send(workshop, 'gate', { action: 'approve' }, 'approve')).toMatchObject({ status: 'kept' })
  await send(workshop, 'begin', true)
  expect(await endOf(workshop)).toMatchObject({ status: 'completed' })
})
