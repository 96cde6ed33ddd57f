import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Annotation, type BaseCheckpointSaver, END, interrupt, START, StateGraph } from '@langchain/langgraph'
import { z } from 'zod'
import { checkpointer, graphTool, runNode } from '../../../packages/langgraph/src/index.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { runToEnd } from '../../../src/http/server/run-pipeline.ts'
import type { Runtime } from '../../../src/index.ts'
import { openRuntime } from '../../../src/runtime/open/open-runtime.ts'
import { until } from '../../../src/testing/until.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { actsIn, type DieAt, dieAt, doIn } from '../../chaos/asks/acts.ts'
import { type Kill, openWitnessed } from '../../chaos/flush/database.ts'

/** One process on a data folder with two graphs, and when it dies; the engine is that of the folder. */
export type Life = { readonly folder: string; readonly kill?: Kill; readonly dies?: DieAt }

const State = Annotation.Root({
  paid: Annotation<string>,
  answer: Annotation<string>,
  packed: Annotation<string>,
  sent: Annotation<string>,
})

/** The outside world: each call with its key, and each node that ran. */
export const effectsIn = actsIn

/**
 * Works until both graphs have ended: one is a tool of a pipeline and asks a person, the other one is called by the
 * program. Nodes of each charge, pack and ship by runs; an inner graph asks and packs.
 */
export async function live({ folder, kill, dies }: Life) {
  mkdirSync(folder, { recursive: true })
  dieAt(dies)
  const say = (line: string) => doIn(folder, line)
  let runtime: Runtime | undefined
  const service = defineTool({
    name: 'service',
    description: 'Calls a service.',
    input: z.object({ what: z.string() }),
    output: z.string(),
    effect: 'idempotent',
    execute({ what }, { idempotencyKey }) {
      say(`${what} ${idempotencyKey}`)
      return `${what} is done`
    },
  })
  const pipeline = {
    name: 'call.yaml',
    text: `name: call
inputs: { what: { type: string, required: true } }
steps: [{ id: call, tool: service, parameters: { what: "{{ inputs.what }}" } }]
outputs: { said: "{{ call }}" }`,
  }
  // as `app.run` does
  const app = {
    run: (_: 'call', options: object) => runToEnd(runtime!.runs, { ...options, source: pipeline }, {}),
  }
  const graphOf = (name: string, saver: BaseCheckpointSaver, ask: () => string) => {
    const call = (what: string, field: 'paid' | 'packed' | 'sent') =>
      runNode(app, 'call', { input: () => ({ what: `${name}-${what}` }), update: ({ said }) => ({ [field]: said }) })
    const inner = new StateGraph(State)
      .addNode('ask', () => {
        say(`${name}-ask`)
        return { answer: ask() }
      })
      .addNode('pack', call('pack', 'packed'))
      .addEdge(START, 'ask')
      .addEdge('ask', 'pack')
      .addEdge('pack', END)
      .compile()
    return new StateGraph(State)
      .addNode('charge', call('charge', 'paid'))
      .addNode('inner', inner)
      .addNode('ship', call('ship', 'sent'))
      .addEdge(START, 'charge')
      .addEdge('charge', 'inner')
      .addEdge('inner', 'ship')
      .addEdge('ship', END)
      .compile({ checkpointer: saver })
  }
  const order = graphTool({
    name: 'order',
    description: 'Charges, asks and ships.',
    input: z.object({ paid: z.string() }),
    graph: (saver) => graphOf('tool', saver, () => interrupt('Ship it?')),
  })
  const { restate, ...config } = await loadConfig({ folder, environment: {} })
  const notes = { witness: join(folder, 'witness'), ledger: join(folder, 'ledger') }
  runtime = await openRuntime(
    { ...config, embedder: 'none', ...(restate ? { restate } : { durability: 'process' }) },
    {
      ...(!restate && { openDatabase: (options) => openWitnessed(options, notes, kill) }),
      notice: () => {},
      tools: [order, service],
    },
  )
  await runtime.engine.start()
  const { runs, inbox } = runtime
  const text =
    'name: order\nsteps: [{ id: order, tool: order, parameters: { paid: "" } }]\noutputs: { all: "{{ order }}" }'
  await runs.start({ id: 'order', source: { text } })
  await runs.resume('order')

  const direct = graphOf('direct', (await checkpointer({ runtime })) as BaseCheckpointSaver, () => 'yes')
  const at = { configurable: { thread_id: 'direct' } }
  const { config: known, tasks } = await direct.getState(at)
  if (known.configurable?.checkpoint_id === undefined) await direct.invoke({ paid: '' }, at)
  else if (tasks.length > 0) await direct.invoke(null, at)

  await until(async () => {
    for (const item of await inbox.list({ run: 'order' })) {
      const { signal, expects } = item as unknown as Asked
      await runs.signal('order', signal, { [expects.questions[0].id]: 'yes' }).catch(() => {})
    }
    return (await runs.get('order')).completed_at !== null
  })
  const ended = { tool: (await runs.get('order')).outputs.all, direct: (await direct.getState(at)).values }
  return { ended, stop: () => runtime!.stop({ grace: 0 }) }
}

type Asked = { readonly signal: string; readonly expects: { readonly questions: readonly [{ readonly id: string }] } }
