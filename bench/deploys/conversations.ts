import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider'
import { z } from 'zod'
import { defineAgent, defineTool, start } from '../../src/index.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { AGENT_EDITS, WAS } from './agent-edits.ts'
import { act, type DeployProgram, type Opened } from './program.ts'

const MODEL = 'bench/clerk'
/** The inbox is read so often at most, in ms. */
const LISTED_MS = 200

/** Conversations of antiphon. Mended ones get the answer that the notice of the new process asks for. */
export async function openProgram({ folder, code }: Opened): Promise<DeployProgram> {
  const agents = AGENT_EDITS.map((edit) => agentOf(folder, edit.id, code === 'was' ? WAS : edit.now))
  const app = await start({
    folder,
    agents,
    models: { [MODEL]: clerk() },
    prices: { [MODEL]: { input: 1, output: 1 } },
    notice: () => {},
  })
  if (code === 'mended') await app.goals.adopt()
  const conversation = (edit: string, id: string) => app.conversation(agents.find(({ name }) => name === edit)!, id)
  let listed = { at: Number.NEGATIVE_INFINITY, gates: gatesOf() }
  async function gatesOf(): Promise<readonly Gate[]> {
    const items = (await app.inbox.list({ limit: 1000 })) as unknown as readonly (Gate & { readonly kind: string })[]
    return items.filter(({ kind }) => kind === 'approval')
  }
  return {
    async begin(edit, id) {
      await conversation(edit, id).post(`Pay ${id} back.`, { id: 'mail' })
    },
    async signal(_, id, name) {
      if (name !== 'go') return
      const now = performance.now()
      if (now - listed.at > LISTED_MS) listed = { at: now, gates: gatesOf() }
      for (const gate of (await listed.gates).filter(({ run }) => run.startsWith(`${id}.`)))
        await app.runs.signal(gate.run, gate.signal, 'approve', { id: `${gate.run}-${gate.signal}` })
    },
    async ended(edit, id) {
      const reply = await conversation(edit, id).get('mail')
      if (reply.status === 'waiting') return undefined
      if (reply.status !== 'completed') return { error: JSON.stringify(reply) }
      const { done, count } = reply.output as { readonly done: readonly string[]; readonly count?: number }
      return { result: count === undefined ? done : [...done, count] }
    },
    stop: () => app.stop(),
  }
}

type Gate = { readonly run: string; readonly signal: string }

function agentOf(folder: string, edit: string, { tools, approve, output, instructions }: typeof WAS) {
  const nameOf = (tool: string) => `${tool}-${edit}`
  return defineAgent({
    name: edit,
    model: MODEL,
    instructions,
    output,
    approve: approve.map(nameOf),
    tools: tools.map((tool) =>
      defineTool({
        name: nameOf(tool.name),
        description: `Makes the act ${tool.act}`,
        input: tool.input ?? z.object({ order: z.string() }),
        effect: 'at-most-once',
        execute: ({ order }) => act(folder, `${[order].flat()[0]}`, tool.act, { did: tool.act }) as Json,
      }),
    ),
  })
}

const ORDER_OF_ACTS = ['look', 'reserve', 'pay', 'check', 'mail']

/**
 * A model that reads: it calls the tool of the first act that it has not seen done, with what its schema asks for, and
 * then says which acts were done.
 */
function clerk(): LanguageModelV4 {
  const base = scriptedModel([])
  const turnOf = (options: LanguageModelV4CallOptions) => {
    const text = JSON.stringify(options.prompt)
    const done = [...new Set([...text.matchAll(/did\W+(\w+)/g)].map(([, one]) => one!))]
    const [, order = ''] = /Pay (\S+) back/.exec(text) ?? []
    const tools = (options.tools ?? []).filter((tool) => tool.type === 'function')
    const toolOf = (one: string) => tools.find(({ description }) => description?.startsWith(`Makes the act ${one}`))
    const next = ORDER_OF_ACTS.find((one) => toolOf(one) && !done.includes(one))
    const tool = next !== undefined ? toolOf(next)! : tools.find(({ name }) => name === 'final_answer')!
    const asked = (tool.inputSchema as Asked).properties
    const known: { readonly [name: string]: Json } = {
      order: asked.order?.type === 'array' ? [order] : order,
      reason: 'broken',
      done,
      count: done.length,
    }
    const input = Object.fromEntries(Object.entries(known).filter(([name]) => name in asked))
    return scriptedModel([{ calls: [{ name: tool.name, input }], usage: { input: 10, output: 1 } }])
  }
  return {
    ...base,
    doGenerate: (options) => turnOf(options).doGenerate(options),
    doStream: (options) => turnOf(options).doStream(options),
  }
}

type Asked = { readonly properties: { readonly [name: string]: { readonly type?: string } } }
