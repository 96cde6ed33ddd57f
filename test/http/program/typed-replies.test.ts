import type { StandardSchemaV1 } from '@standard-schema/spec'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineAgent } from '../../../src/agent/definition/define-agent.ts'
import type { OutputSchema } from '../../../src/agent/definition/output-schema.ts'
import { openConversation } from '../../../src/http/program/conversation.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { answer, call, openGoals } from '../../agent/goal/folder.ts'

/** A handle on a conversation whose model gives these answers, the last one again and again. */
async function talkWith<Output extends OutputSchema>(output: Output, ...answers: readonly Json[]) {
  const agent = defineAgent({ name: 'support', instructions: 'You help.', output })
  const last = answers.length - 1
  const script = answers.map((value, place) => call('final_answer', value, place === last ? 100 : 1))
  const { runtime, model, open } = await openGoals(script, '', { agents: [agent] })
  return { chat: openConversation(runtime, agent, 'talk'), model, runtime, open }
}

const ORDER = z.object({ day: z.string().transform((day) => new Date(day)), cents: z.number().default(5) })

test('the schema of the agent makes the output of a reply, and the model gets the JSON Schema of what it accepts', async () => {
  const { chat, model } = await talkWith(ORDER, { day: '2026-11-25' })
  const reply = await chat.send('When?', { id: 'mail-1' })
  const output = { day: new Date('2026-11-25'), cents: 5 }
  expect(reply).toMatchObject({ status: 'completed', output, answer: '{"day":"2026-11-25"}' })
  expect(await chat.get('mail-1')).toEqual(reply)
  expect(model.calls[0]!.options.tools?.slice(0, 1)).toMatchObject([
    {
      name: 'final_answer',
      inputSchema: { type: 'object', required: ['day'], properties: { day: { type: 'string' } } },
    },
  ])
})

test('a schema of another library is used by its own JSON Schema', async () => {
  const jsonSchema = { type: 'object', properties: { n: { type: 'string' } }, required: ['n'] }
  const schema: StandardSchemaV1<{ n: string }, { n: number }> = {
    '~standard': {
      version: 1,
      vendor: 'other',
      validate: async (value) => ({ value: { n: Number((value as { readonly n: string }).n) } }),
      ...{ jsonSchema: { input: () => jsonSchema, output: () => jsonSchema } },
    },
  }
  const { chat } = await talkWith(schema, { n: '7' })
  expect(await chat.send('How many?')).toMatchObject({ status: 'completed', output: { n: 7 } })
})

test('an answer that only the schema itself refuses goes back to the model, and fails after the third', async () => {
  const fair = z.object({ cents: z.number().refine((cents) => cents % 5 === 0, 'expected a multiple of 5') })
  const { chat, model } = await talkWith(fair, { cents: 7 }, { cents: 10 })
  expect(await chat.send('How much?')).toMatchObject({ status: 'completed', output: { cents: 10 } })
  expect(model.calls[1]!.prompt).toContain('cents: expected a multiple of 5')
  const other = await talkWith(fair, { cents: 7 })
  expect(await other.chat.send('How much?')).toMatchObject({
    ...{ status: 'failed', problem: { code: 'invalid_output', data: { reply: '{"cents":7}' } } },
  })
  expect(other.model.calls).toHaveLength(3)
})

test('a schema that throws refuses the answer, and a goal waits while its process lacks the schema', async () => {
  const strict = z.object({ day: z.string().transform((day) => new Date(day).toISOString()) })
  const { chat, runtime, open } = await talkWith(strict, { day: 'soon' })
  const reply = await chat.send('When?')
  expect(reply).toMatchObject({ status: 'failed', problem: { message: expect.stringContaining('Invalid time value') } })
  await runtime.stop()
  const bare = await open({})
  await bare.goals.fork('talk.m1', { id: 'again' })
  await bare.idle()
  const title = expect.stringContaining('The output of the agent support is code of a program, and this process')
  expect(await bare.goals.get('again')).toMatchObject({ status: 'waiting', wait: { type: 'code', title } })
})

test('a completed message keeps its answer when the output of its agent has changed since', async () => {
  const { chat, runtime } = await talkWith(z.object({ refunded: z.boolean() }), { refunded: true })
  await chat.send('Pay.', { id: 'mail-1' })
  const output = z.object({ refunded: z.boolean(), reason: z.string() })
  const changed = defineAgent({ name: 'support', instructions: 'You help.', output })
  const reply = await openConversation(runtime, changed, 'talk').get('mail-1')
  expect(reply).toMatchObject({ status: 'completed', output: { refunded: true }, answer: '{"refunded":true}' })
  expect(reply).toMatchObject({ outdated: expect.stringContaining('does not fit the present output: reason: ') })
})

test('a completed message of an agent that gave texts stays completed when the agent has an output', async () => {
  const { runtime } = await openGoals([answer('No.')], '', {})
  const text = defineAgent({ name: 'talker', instructions: 'You talk.' })
  await openConversation(runtime, { ...PLAIN }, 'talk').send('Hi.', { id: 'mail-1' })
  expect(await openConversation(runtime, text, 'talk').get('mail-1')).toMatchObject({ answer: 'No.' })
  const typed = defineAgent({ name: 'support', instructions: 'You help.', output: z.object({ n: z.number() }) })
  const reply = await openConversation(runtime, typed, 'talk').get('mail-1')
  expect(reply).toMatchObject({
    status: 'completed',
    goal: 'talk.m1',
    answer: 'No.',
    outdated: 'The answer is a text.',
  })
})

const PLAIN = { name: 'talker', description: '', instructions: 'You talk.', tools: [], skills: [] }

test.each([
  [z.string(), 'expected a schema with `type: object`, got `type: "string"`'],
  [z.array(z.number()), 'expected a schema with `type: object`, got `type: "array"`'],
  [{ properties: {} }, 'expected a schema with `type: object`, got a schema without a type'],
  ['Refund', 'expected a map, got "Refund"'],
])('an output that is not of an object is refused where it is defined', (output, message) => {
  const define = () => defineAgent({ name: 'a', instructions: 'b', output: output as OutputSchema })
  expect(define).toThrow(
    expect.objectContaining({ code: 'invalid_agent', place: { path: 'output' }, message: `\`output\`: ${message}` }),
  )
})

test('a schema without a JSON Schema is refused when the runtime opens', async () => {
  const silent = { '~standard': { version: 1, vendor: 'other', validate: (value: unknown) => ({ value }) } } as const
  await expect(talkWith(silent as unknown as OutputSchema, {})).rejects.toMatchObject({
    ...{ code: 'invalid_agent', place: { path: 'output' } },
    message: 'The agent support: `output`: this schema gives no JSON Schema, which models need',
    hint: expect.stringContaining('toStandardJsonSchema'),
  })
})
