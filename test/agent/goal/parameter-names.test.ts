import { expect, test } from 'vitest'
import { z } from 'zod'
import { namesOfSchema } from '../../../src/model/offer/tool-schema.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { answer, CLERK, call, openGoals } from './folder.ts'

const NAME = 'StartTime<'

test('a model gets and reads names that providers take; approvals, records and calls have the own ones', async () => {
  const [sent] = [...namesOfSchema({ type: 'object', properties: { [NAME]: {}, 'kinds[]': {} } }).own.keys()]
  const inputs: unknown[] = []
  const calls = defineTool({
    name: 'calls',
    description: 'Lists calls',
    input: z.strictObject({ [NAME]: z.iso.date(), 'kinds[]': z.array(z.string()).optional() }),
    effect: 'at-most-once',
    approve: true,
    execute: (input) => {
      inputs.push(input)
      return 'listed'
    },
  })
  const { runtime, model } = await openGoals(
    [call('calls', { [sent!]: 'soon' }), call('calls', { [sent!]: '2026-01-01' }), answer('Listed.')],
    '',
    { tools: [calls] },
  )
  const { id } = await runtime.goals.start({ agent: { ...CLERK, tools: ['calls'] }, goal: 'List the calls.' })
  await expect.poll(async () => (await runtime.inbox.list()).length).toBe(1)
  const item = (await runtime.inbox.list())[0] as { readonly run: string; readonly signal: string }
  expect(JSON.stringify(item)).toContain('"StartTime<":"2026-01-01"')
  expect(JSON.stringify(item)).not.toContain(sent)
  await runtime.runs.signal(item.run, item.signal, 'approve')
  await runtime.idle()
  expect(inputs).toEqual([{ [NAME]: '2026-01-01' }])
  const { rounds } = await runtime.goals.get(id)
  expect(rounds.slice(0, 2).map((round) => round.calls[0]!.parameters)).toEqual([
    { [NAME]: 'soon' },
    { [NAME]: '2026-01-01' },
  ])
  const last = model.calls.at(-1)!.options
  expect(JSON.stringify(last)).not.toContain(NAME)
  expect(JSON.stringify(last.prompt)).toContain(`"input":{"${sent}":"soon"}`)
  expect(JSON.stringify(last.prompt)).toContain(`refused: parameters.${sent}: expected a date`)
})
