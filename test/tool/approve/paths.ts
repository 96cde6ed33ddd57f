import { rmSync } from 'node:fs'
import { createApp } from '../../../src/http/server/app.ts'
import { until } from '../../../src/testing/index.ts'
import type { ScriptedTurn } from '../../../src/testing/scripted-model.ts'
import { answer, CLERK, call } from '../../agent/goal/folder.ts'
import { scriptFor } from '../../chain/fixture.ts'
import { post } from '../../http/bench.ts'
import type { Shop } from './bench.ts'

/** A way to a refund of so many cents, up to where it waits. `calls`: how often it is called, absent: once. */
export type Path = {
  readonly script?: (cents: number) => readonly ScriptedTurn[]
  act(shop: Shop, cents: number): Promise<unknown>
  readonly calls?: number
}

const AGENT = { ...CLERK, tools: ['refund'] }
const GOAL = 'Refund this order of the customer'
const refund = (cents: number, tool = 'refund') => `tool: ${tool}, parameters: { cents: ${cents} }`
const pipeline = (...steps: readonly string[]) => `name: p\nsteps:\n${steps.map((one) => `  - { ${one} }\n`).join('')}`
const FAILING = 'id: bad, tool: filesystem, action: read, parameters: { path: missing.txt }'
const SAY = 'tool: debug, parameters: { message: hi }'

const round = (cents: number) => [call('refund', { cents }), answer('done')]

async function goal({ runtime }: Shop, more: object = {}) {
  await runtime.goals.start({ agent: { ...AGENT, ...more }, goal: GOAL, id: 'g' })
  await runtime.idle()
}

const piped = (steps: (cents: number) => readonly string[], calls = 1): Path => ({
  calls,
  act: ({ run }, cents) => run(pipeline(...steps(cents)), 'r'),
})

/** Makes a step fast in this process, by small refunds that nobody has to approve. */
async function warm({ run, path }: Shop) {
  await run(pipeline(`id: a, ${SAY}`, `id: b, ${refund(1, 'fast-refund')}`), 'warm')
  rmSync(path('refunds'))
}

const team = (shop: Shop) => {
  shop.write('agents/lead.md', '---\ndescription: Leads\ntools: []\nagents: [payer]\n---\nYou lead.\n')
  shop.write('agents/payer.md', '---\ndescription: Pays\ntools: [refund]\n---\nYou pay.\n')
}
const lead = async (shop: Shop) => {
  team(shop)
  await shop.runtime.goals.start({ agent: 'lead', goal: GOAL, id: 'g' })
  await shop.runtime.idle()
}
const once = (reply: string): ScriptedTurn => ({ ...answer(reply), times: 1 })

/** The paths of a call. */
export const PATHS: { readonly [name: string]: Path } = {
  round: { script: round, act: (shop) => goal(shop) },
  'round with a list that names it': { script: round, act: (shop) => goal(shop, { approve: ['refund'] }) },
  'round by default': { script: round, act: (shop) => goal(shop, { approve: 'default' }) },
  'playbook step': {
    script: () => [answer('I see')],
    async act(shop, cents) {
      shop.write('p.yaml', pipeline(`id: a, ${refund(cents)}`))
      await goal(shop, { description: GOAL, playbook: 'p.yaml' })
    },
  },
  loop: piped((cents) => [`id: each, for_each: [1, 2], steps: [{ id: a, ${refund(cents)} }]`], 2),
  'loop in parallel': piped((cents) => [`id: each, foreach: [1, 2], parallel: true, ${refund(cents)}`], 2),
  queue: piped((cents) => [`id: q, create_parallel_queue: { on: [1], action_loop: [{ name: a, ${refund(cents)} }] }`]),
  handler: piped((cents) => [`${FAILING}, on_error: { handler_task_id: a }`, `id: a, ${refund(cents)}`]),
  'handler of a failure': piped((cents) => [`${FAILING}, on_failure: a`, `id: a, ${refund(cents)}`]),
  fallback: piped((cents) => [`${FAILING}, fallback: a`, `id: a, ${refund(cents)}`]),
  route: piped((cents) => [
    `id: s, ${SAY}, goto: a`,
    `id: t, ${SAY}, dependencies: [s]`,
    `id: a, ${refund(cents)}, dependencies: [t]`,
  ]),
  'child run': {
    async act({ run, write }, cents) {
      write('child.yaml', pipeline(`id: a, ${refund(cents)}`))
      await run(pipeline('id: below, tool: pipeline-executor, parameters: { pipeline: child.yaml }'), 'r')
    },
  },
  'pipeline-executor of a model': {
    script: (cents) => [
      call('pipeline-executor', {
        pipeline: { name: 'c', steps: [{ id: 'a', tool: 'refund', parameters: { cents } }] },
      }),
      answer('done'),
    ],
    act: (shop) => goal(shop, { tools: ['pipeline-executor'], approve: 'none' }),
  },
  'pipeline step alone': piped((cents) => [`id: a, ${refund(cents)}`]),
  batch: {
    calls: 3,
    async act(shop, cents) {
      await warm(shop)
      const member = (id: string) => `id: ${id}, ${refund(cents, 'fast-refund')}`
      await shop.run(pipeline(member('a'), member('b'), member('c')), 'r')
    },
  },
  sequence: {
    calls: 2,
    async act(shop, cents) {
      await warm(shop)
      const next = (id: string, after: string) => `id: ${id}, ${refund(cents, 'fast-refund')}, dependencies: [${after}]`
      await shop.run(pipeline(`id: a, ${SAY}`, next('b', 'a'), next('c', 'b')), 'r')
    },
  },
  'tools.call over HTTP': {
    async act({ runtime }, cents) {
      const body = JSON.stringify({ calls: [{ tool: 'refund', parameters: { cents } }] })
      const app = createApp(runtime as Parameters<typeof createApp>[0])
      const { status } = await app.request('/v1/tools/calls', post(body))
      if (status !== 202) throw new Error(`expected 202, got ${status}`)
      await runtime.idle()
    },
  },
  'tools.call of a program': {
    async act({ runtime }, cents) {
      await runtime.tools.call([{ tool: 'refund', parameters: { cents } }])
      await runtime.idle()
    },
  },
  'tools.call with a name to approve': {
    async act({ runtime }, cents) {
      await runtime.tools.call([{ tool: 'refund', parameters: { cents } }], { approve: ['refund'] })
      await runtime.idle()
    },
  },
  'sub-agent': {
    script: (cents) => [
      call('agent_payer', { goal: GOAL }),
      call('refund', { cents }),
      once('paid'),
      answer('All is done.'),
    ],
    act: lead,
  },
  'hand-off': {
    script: (cents) => [call('hand_off_payer', {}), call('refund', { cents }), answer('paid')],
    act: lead,
  },
  'step with tools': {
    script: round,
    act: ({ run }) => run(pipeline('id: a, action: generate, tools: [refund], parameters: { prompt: Refund. }'), 'r'),
  },
  'Action of the chain': {
    script: (cents) =>
      scriptFor({
        action: [
          {
            only: (prompt) => !/refunded|a person rejected the call/.test(prompt),
            calls: [{ name: 'refund', input: { cents } }],
          },
          { reply: 'first answer' },
        ],
        yield: 'done',
      }),
    async act({ runtime }) {
      await runtime.threads.startAsk({ thread: 't', id: 'q', prompt: 'Refund it?', tools: ['refund'] })
      // an ask that waits for a person is not idle
      await until(async () => {
        const { status, waits } = await runtime.threads.trace('q')
        return status === 'completed' || waits?.length === 1
      })
    },
  },
  retry: piped((cents) => [`id: a, ${refund(cents)}, retry: 3`]),
}
