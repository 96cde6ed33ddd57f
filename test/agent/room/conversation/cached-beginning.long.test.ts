import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAnthropic } from '@ai-sdk/anthropic'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import { expect, it, onTestFinished } from 'vitest'
import type { ScriptedModel } from '../../../../src/testing/scripted-model.ts'
import { type Counted, createPromptCache } from '../../../model/strict/prompt-cache.ts'
import { wrote } from '../../../model/strict/server.ts'
import { CLERK, openGoals } from '../../goal/folder.ts'

type Block = { readonly type: string; readonly text?: string }
type Message = { readonly role: string; readonly content: readonly Block[] }

/** A server of Anthropic's protocol with its cache. Its model reads a file for each message, then it answers. */
async function openServer() {
  const cache = createPromptCache()
  const seen: (Counted & { readonly messages: readonly Message[] })[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { messages } = JSON.parse(body) as { messages: readonly Message[] }
    seen.push({ ...cache.count(body), messages })
    const hasResult = messages.at(-1)!.content.some(({ type }) => type === 'tool_result')
    const call = { type: 'tool_use', id: `toolu_${seen.length}`, name: 'filesystem_read', input: { path: 'a.txt' } }
    const text = { type: 'text', text: `The tide of lamp ${seen.length} is low.` }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(hasResult ? wrote([text]) : { ...wrote([call]), stop_reason: 'tool_use' }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` }
}

const AGENT = {
  ...CLERK,
  recall: 'agent' as const,
  instructions: 'You keep notes of tides and lamps. '.repeat(240),
  model: 'lab/m',
}
const sizeOf = ({ plain, read, written }: Counted) => plain + read + written
const textOf = ({ content }: Message) => content.map(({ text = '' }) => text).join('\n')

it('each request of a conversation reads from the cache all that was sent before, with memory, tools and a cut', async () => {
  const { seen, url } = await openServer()
  const config = 'model: lab/m\nmodels: [{ id: lab/m, context: 200k, cost: { input: 1, output: 1 } }]\n'
  const own = { 'lab/m': createAnthropic({ baseURL: url, apiKey: 'k' })('m') as LanguageModelV4 as ScriptedModel }
  const { runtime, write } = await openGoals([], '', { config, own })
  write('a.txt', 'The tide of the harbour is low at noon.')
  const known = Array.from({ length: 66 }, (_, n) => `The tide at lamp ${n} was high.`)
  await runtime.memory('local').add(known.map((text) => ({ text, space: 'agents/clerk' })))
  const firsts: number[] = []
  for (let n = 1; n <= 66; n++) {
    firsts.push(seen.length)
    const text = `What of the tide at lamp ${n}?`
    const sent = { conversation: 'talk', agent: AGENT, text, id: `m${n}` }
    expect(await runtime.conversations.send(sent)).toMatchObject({ status: 'completed' })
  }
  const later = seen[firsts[19]!]!
  const { messages } = later
  expect(textOf(messages.at(-1)!)).toMatch(/^Memory of earlier goals[\s\S]*\nWhat of the tide at lamp 20\?$/)
  // what an earlier message recalled stays where it was, and neither it nor the history is recalled again
  const recalled = messages.flatMap((one, at) => (textOf(one).includes('Memory of earlier goals') ? at : []))
  expect(recalled.length).toBeGreaterThan(5)
  const lines = messages.flatMap((one) => textOf(one).match(/^- .*\(from .*/gm) ?? [])
  expect(new Set(lines).size).toBe(lines.length)
  expect(lines.filter((line) => line.includes('from "goal'))).toEqual([])
  const cuts = seen.flatMap(({ read }, at) => (at > 0 && read < sizeOf(seen[at - 1]!) ? at : []))
  expect(cuts).toEqual([firsts[64]])
  expect(seen.every(({ plain }) => plain === 0)).toBe(true)
  const [all, read] = [seen.reduce((sum, one) => sum + sizeOf(one), 0), seen.reduce((sum, one) => sum + one.read, 0)]
  expect(read / all).toBeGreaterThan(0.9)
})
