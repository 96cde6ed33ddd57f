/**
 * The types of agents and conversations as a user meets them. Nothing here runs. Each line below `@ts-expect-error` is wrong, and must
 * not compile.
 */
import {
  type Agent,
  type Conversation,
  defineAgent,
  defineTool,
  type Json,
  type Reply,
  type Runtime,
  start,
} from 'antiphon'
import { z } from 'zod'

const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back',
  effect: 'at-most-once',
  input: z.object({ order: z.string(), cents: z.number().int() }),
  execute: ({ order, cents }, { idempotencyKey }) => ({ paid: cents, order, key: idempotencyKey }),
})

const support = defineAgent({
  ...{ name: 'support', model: 'lab/one', instructions: 'You help customers of a shop.', budget: 0.5 },
  tools: [refund, 'filesystem:read'],
  approve: [refund],
  output: z.object({ answer: z.string(), refunded: z.boolean(), day: z.string().transform((day) => new Date(day)) }),
})
const talker = defineAgent({ name: 'talker', instructions: 'You talk.' })
const counter = defineAgent({
  name: 'counter',
  instructions: 'You count.',
  output: { type: 'object', properties: { n: { type: 'number' } } },
})

const lookUp = defineTool({
  ...{ name: 'look-up', description: 'Finds an order', effect: 'pure', input: z.object({ order: z.string() }) },
  execute: ({ order }, { owner, conversation, context }) => ({
    order,
    owner,
    conversation: conversation ?? '',
    context,
  }),
})
const shop = defineAgent({
  ...{ name: 'shop', tools: [lookUp] },
  context: z.object({ customer: z.string(), tier: z.enum(['free', 'paid']).default('free') }),
  instructions: (_, { owner, context }) =>
    `For ${owner.trim()}, ${context.customer.trim()}, ${context.tier satisfies 'free' | 'paid'}`,
})
// @ts-expect-error the context has no such field
defineAgent({ name: 'a', context: z.object({ customer: z.string() }), instructions: (_, { context }) => context.tier })
// @ts-expect-error a schema, and not its JSON
defineAgent({ name: 'a', instructions: 'b', context: { type: 'object' } })

export const ofSupport: Agent<{ answer: string; refunded: boolean; day: Date }> = support
export const ofTalker: Agent<never> = talker
export const any: readonly Agent[] = [support, talker, counter, shop]

export async function chat(): Promise<Json> {
  await using app = await start({ agents: [support, talker, counter], tools: [refund] })
  const conversation = app.conversation(support, 'customer-42', { owner: 'shop-7' })
  const reply = await conversation.send('My lamp arrived broken.', { id: 'mail-9311', onBusy: 'steer', timeout: 1000 })
  if (reply.status === 'waiting') return reply.for
  if (reply.status !== 'completed') return reply.problem.code
  const refunded: boolean = reply.output.refunded
  const day: number = reply.output.day.getTime()
  const text = await app.conversation(talker, 'c').send('Hello.', { wait: false })
  if (text.status === 'completed') text.answer.length
  const counted = await app.conversation(counter, 'c').get('mail-1')
  if (counted.status === 'completed') return counted.output.n ?? null
  const named = await app.conversation('support', 'c').send('Hello.')
  if (named.status === 'completed') return named.output ?? null
  return [refunded, day]
}

export async function contexts(): Promise<void> {
  await using app = await start({ agents: [shop, talker], pipelines: { audit: 'audit.yaml' } })
  app.conversation(shop, 'c', { owner: 'ann', context: { customer: 'c-42' } })
  app.conversation(talker, 'c', { context: { any: ['JSON'] } })
  app.conversation('shop', 'c', { context: 7 })
  await app.goals.start({ agent: shop, goal: 'Go.', context: { customer: 'c-42', tier: 'paid' } })
  await app.run('audit', { context: { customer: 'c-42' } })
  // @ts-expect-error a field that is missing
  app.conversation(shop, 'c', { context: {} })
  // @ts-expect-error one of two words
  app.conversation(shop, 'c', { context: { customer: 'c-42', tier: 'gold' } })
  // @ts-expect-error a context is JSON
  app.conversation(talker, 'c', { context: { seen: new Date() } })
  // @ts-expect-error the context belongs to the handle
  await app.conversation(shop, 'c').send('Hello.', { context: { customer: 'c-43' } })
  // @ts-expect-error a customer is a text
  await app.goals.start({ agent: shop, goal: 'Go.', context: { customer: 42 } })
}

export async function wrongChat(
  conversation: Conversation<{ refunded: boolean }>,
  talk: Conversation<never>,
  named: Conversation,
): Promise<void> {
  // @ts-expect-error a message is a text
  await conversation.send(7)
  // @ts-expect-error a message is needed
  await conversation.send()
  // @ts-expect-error one of three words
  await conversation.send('Hello.', { onBusy: 'later' })
  // @ts-expect-error an option that does not exist
  await conversation.send('Hello.', { onbusy: 'queue' })
  // @ts-expect-error an id is a text
  await conversation.send('Hello.', { id: 9311 })
  // @ts-expect-error a timeout is in milliseconds
  await conversation.send('Hello.', { timeout: '10s' })
  // @ts-expect-error files are a list
  await conversation.send('Hello.', { files: 'a.md' })
  // @ts-expect-error the conversation has its owner
  await conversation.send('Hello.', { owner: 'shop-8' })
  // @ts-expect-error `post` does not wait
  await conversation.post('Hello.', { wait: false })
  // @ts-expect-error a reason is a text
  await conversation.stop(7)
  // @ts-expect-error a cursor is a text
  conversation.stream({ after: 7 })
  const reply = await conversation.send('Hello.')
  // @ts-expect-error only a completed message has an output
  reply.output
  // @ts-expect-error only a message that failed or was cancelled has a problem
  reply.problem
  // @ts-expect-error a status that does not exist
  if (reply.status === 'done') return
  if (reply.status === 'waiting') {
    // @ts-expect-error one of agent, person and turn
    if (reply.for === 'tool') return
  }
  if (reply.status !== 'completed') return
  // @ts-expect-error the output has no such field
  reply.output.refnded
  // @ts-expect-error the field is a boolean
  reply.output.refunded.toFixed()
  // @ts-expect-error a completed message has no problem
  reply.problem
  // @ts-expect-error a reply is what was recorded
  reply.answer = 'No.'
  const text = await talk.send('Hello.')
  // @ts-expect-error the answer of this agent is a text
  if (text.status === 'completed') text.output
  const unknown = await named.send('Hello.')
  // @ts-expect-error an agent that is named may have no output
  if (unknown.status === 'completed') unknown.output.refunded
  // @ts-expect-error the output is what the schema gives
  reply satisfies Reply<{ refunded: string }>
  // @ts-expect-error the receipt of a message has no answer
  ;(await conversation.post('Hello.')).answer
}

export async function wrongStart(runtime: Runtime): Promise<void> {
  // @ts-expect-error agents are a list
  await start({ agents: support })
  // @ts-expect-error agents are values
  await start({ agents: ['support'] })
  // @ts-expect-error a tool is not an agent
  await start({ agents: [refund] })
  // @ts-expect-error an agent is not a tool
  await start({ tools: [support] })
  // @ts-expect-error a key that does not exist
  await start({ agent: [support] })
  const app = await start()
  // @ts-expect-error a conversation has an id
  app.conversation(support)
  // @ts-expect-error an id is a text
  app.conversation(support, 42)
  // @ts-expect-error an option that does not exist
  app.conversation(support, 'c', { user: 'shop-7' })
  // @ts-expect-error a tool is not an agent
  app.conversation(refund, 'c')
  // @ts-expect-error the fields of another agent
  app.conversation(support, 'c') satisfies Conversation<{ total: number }>
  // @ts-expect-error one message, and no list of messages
  await runtime.conversations.send({ agent: support, conversation: 'c', messages: ['Hello.'] })
}

// @ts-expect-error the answer of an agent is an object
defineAgent({ name: 'a', instructions: 'b', output: z.string() })
// @ts-expect-error the answer of an agent is an object
defineAgent({ name: 'a', instructions: 'b', output: { type: 'string' } })
// @ts-expect-error a schema, and not the name of one
defineAgent({ name: 'a', instructions: 'b', output: 'Refund' })
// @ts-expect-error the key of other products
defineAgent({ name: 'a', instructions: 'b', outputType: z.object({}) })
// @ts-expect-error a model is a name
defineAgent({ name: 'a', instructions: 'b', model: { id: 'lab/one' } })
// @ts-expect-error tools are a list
defineAgent({ name: 'a', instructions: 'b', tools: { refund } })
// @ts-expect-error an agent to ask is a name or a value
defineAgent({ name: 'a', instructions: 'b', agents: [{ name: 'shipping', instructions: 'c' }] })
// @ts-expect-error rounds are a number
defineAgent({ name: 'a', instructions: 'b', maxTurns: 'few' })
// @ts-expect-error one of four words
defineAgent({ name: 'a', instructions: 'b', priority: 'urgent' })
// @ts-expect-error one word
defineAgent({ name: 'a', instructions: 'b', onFailure: 'retry' })
// @ts-expect-error one word
defineAgent({ name: 'a', instructions: 'b', recall: true })

const input = z.object({ order: z.string(), cents: z.number() })
const wrong = { name: 'wrong', description: '', input, effect: 'pure' } as const
// @ts-expect-error the parameters have no such field
defineTool({ ...wrong, execute: ({ ordre }) => ordre })
// @ts-expect-error the parameter is a number
defineTool({ ...wrong, execute: ({ cents }) => cents.trim() })
// @ts-expect-error a class of effects is misspelt
defineTool({ ...wrong, effect: 'at-most-one', execute: () => 1 })
// @ts-expect-error the environment of a call has no such field
defineTool({ ...wrong, execute: (_, { idempotencykey }) => idempotencykey })
// @ts-expect-error a tool does something
defineTool(wrong)
// @ts-expect-error a result is plain data
defineTool({ ...wrong, execute: () => () => 1 })
// @ts-expect-error the schema of its parameters is a schema
defineTool({ ...wrong, input: { order: 'string' }, execute: () => 1 })
// @ts-expect-error the result is what its schema says
defineTool({ ...wrong, output: z.object({ paid: z.number() }), execute: () => ({ paid: 'all' }) })
