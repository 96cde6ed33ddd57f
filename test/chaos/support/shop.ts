import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { z } from 'zod'
import { defineAgent } from '../../../src/agent/definition/define-agent.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { type CallFor, defineTool } from '../../../src/tool/tool.ts'

/** A refund as the world outside knows it, with the person for whom the tool or its condition was called. */
export type Note = {
  readonly what: 'asked' | 'paid'
  readonly order: string
  readonly cents: number
  readonly owner: string
  readonly conversation: string | undefined
  readonly context: unknown
}

/** What each customer writes and gets: `large` waits for a person, `small` does not. */
export const CUSTOMERS = {
  ann: { context: { tier: 'paid', number: 'c-1' }, order: 'a', answer: 'approve' },
  bob: { context: { tier: 'free', number: 'c-2' }, order: 'b', answer: 'reject' },
} as const

/** The refunds that the agent tries for an order, in this order. */
export const REFUNDS = [
  { size: 'large', cents: 9000 },
  { size: 'small', cents: 1000 },
] as const

/** The program's agent in a folder. Its tool writes to a file outside the engine. */
export function supportIn(folder: string) {
  const note = (
    what: Note['what'],
    { order, cents }: { readonly order: string; readonly cents: number },
    call: CallFor,
  ) =>
    appendFileSync(
      join(folder, 'refunds'),
      `${JSON.stringify({ what, order, cents, owner: call.owner, conversation: call.conversation, context: call.context })}\n`,
    )
  const refund = defineTool({
    name: 'refund',
    description: 'Pays an order back.',
    effect: 'at-most-once',
    input: z.object({ order: z.string(), cents: z.number().int() }),
    approve(input, call) {
      note('asked', input, call)
      return input.cents > 5_000
    },
    execute(input, call) {
      note('paid', input, call)
      return 'It is paid back.'
    },
  })
  return defineAgent({
    name: 'support',
    model: 'lab/one',
    instructions: (_, { owner, context }) => `You help ${owner}, a customer with a ${context.tier} plan.`,
    tools: [refund],
    context: z.object({ tier: z.enum(['free', 'paid']), number: z.string() }),
  })
}

/** A model that goes by what it reads: it asks for both refunds, one after the other, and thanks. */
export function modelOf(): LanguageModelV4 {
  const turnFor = ({ prompt }: LanguageModelV4CallOptions) => {
    const [, order = ''] = /order (\w+)/.exec(JSON.stringify(prompt)) ?? []
    const next = REFUNDS[prompt.filter(({ role }) => role === 'tool').length]
    if (!next) return scriptedModel([{ reply: 'That is all.' }])
    return scriptedModel([
      { calls: [{ name: 'refund', input: { order: `${order}-${next.size}`, cents: next.cents } }] },
    ])
  }
  return {
    ...scriptedModel([]),
    doGenerate: async (options) => turnFor(options).doGenerate(options),
    doStream: async (options) => turnFor(options).doStream(options),
  }
}

/** Everything that the tool and its condition wrote down, over all processes. */
export function notesIn(folder: string): readonly Note[] {
  const path = join(folder, 'refunds')
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Note)
    : []
}
