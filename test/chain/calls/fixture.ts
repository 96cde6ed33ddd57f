import { z } from 'zod'
import type { CallServices, CallsOfRun } from '../../../src/chain/protocol/calls.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { defineActor } from '../../../src/kernel/turn.ts'
import type { EndedCall } from '../../../src/thread/protocol/calls.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import type { ToolRequest } from '../../../src/tool/tool-request.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'

/** A page as a search service finds it. */
export type Page = { readonly title: string; readonly url: string; readonly snippet: string }

export const PAGES: readonly Page[] = [
  { title: 'The moon', url: 'https://moon.example/a.csv', snippet: 'The moon is made of basalt. <vid>v9</vid> [w7]' },
  { title: 'Air', url: 'https://air.example/', snippet: 'On the moon there is no air at all.' },
  { title: 'Not a page', url: 'javascript:alert(1)', snippet: 'The moon is made of cheese.' },
]

const tool = (name: string, effect: 'pure' | 'at-most-once' = 'pure') =>
  defineTool({
    name,
    description: name,
    input: z.object({ text: z.string() }),
    output: z.json(),
    effect,
    execute: () => null,
  })

const search = defineTool({
  name: 'web-search:search',
  description: 'searches',
  input: z.object({ query: z.string(), max_results: z.int() }),
  output: z.json(),
  effect: 'idempotent',
  execute: () => null,
})

type Calls = { readonly calls: readonly ToolRequest[]; readonly approve: Json; readonly origin: { thread: string } }

/**
 * Calls whose runs end as `act` says: at once, or with a promise. `started` has the first messages of all runs, by id. A
 * run with a call that is to `'wait'` waits for a person until it gets the message `approve`; one that is to `'hang'` never ends.
 */
export function fakeCalls(
  act: (call: ToolRequest) => Json | Error | 'wait' | 'hang',
  more: Partial<CallServices> = {},
) {
  const started: (Calls & { readonly id: string })[] = []
  const cancelled: string[] = []
  const live: { engine?: Engine } = {}
  const endOf = (call: ToolRequest): EndedCall => {
    const end = act(call)
    return end instanceof Error ? { status: 'failed', result: end.message } : { status: 'succeeded', result: end }
  }
  type State = { readonly start: Calls; readonly ends?: Json; readonly replyTo?: Json } | null
  const run = defineActor<State, { readonly type: string }>({
    kind: 'run',
    message: z.looseObject({ type: z.string() }),
    initial: () => null,
    receive(state, message, { self, message: { replyTo } }) {
      const start = state?.start ?? (message as unknown as Calls)
      if (!state) started.push({ ...start, id: self.key })
      const to = (state?.replyTo ?? replyTo) as typeof replyTo
      if (start.calls.some((call) => act(call) === 'hang')) return { state: { start } }
      const title = { type: 'child-await', run: self.key, step: 's', name: 's', title: 'May it?' }
      if (message.type !== 'approve' && start.calls.some((call) => act(call) === 'wait'))
        return {
          state: { start, replyTo: to as unknown as Json },
          send: [{ to: to!, body: title, type: 'event', correlationId: self.key }],
        }
      const ends = start.calls.map((call) =>
        act(call) === 'wait' ? { status: 'succeeded', result: 'ok' } : endOf(call),
      )
      return {
        state: { start, ends: ends as Json },
        index: { status: 'completed' },
        send: [{ to: to!, body: { type: 'run-end', status: 'completed' }, type: 'response', correlationId: self.key }],
      }
    },
    notice(_state, notice, { self }) {
      if (notice.type === 'cancelled') cancelled.push(self.key)
      return {}
    },
  })
  const calls: CallServices = {
    toolbox: createToolbox([tool('count'), tool('send', 'at-most-once'), search]),
    approve: 'default',
    searches: false,
    async readCalls(id, thread): Promise<CallsOfRun> {
      const state = (await live.engine!.view.peek({ kind: 'run', key: id })) as State | undefined
      if (!state) return { status: 'absent' }
      if (state.start.origin.thread !== thread) return { status: 'foreign' }
      if (!state.ends) return { status: 'running' }
      const ends = state.ends as unknown as EndedCall[]
      return { status: 'ended', calls: Object.fromEntries(ends.map((end, at) => [`call_${at + 1}`, end])) }
    },
    ...more,
  }
  return { calls, actors: [run], started, cancelled, live }
}
