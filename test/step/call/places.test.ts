import { expect, test } from 'vitest'
import { inlineDisk } from '../../../src/engine/inline/disk.ts'
import { TerminalError, UnknownError } from '../../../src/errors.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { StepState } from '../../../src/step/attempt/step-state.ts'
import { until } from '../../../src/testing/until.ts'
import { gate, memoryValues, openWorkshop, tool, type Workshop } from '../../pipeline/workshop.ts'

const FAN = `
name: fan
steps:
  - { id: first, tool: work, parameters: { v: 0 } }
  - { id: a, tool: work, parameters: { v: "{{ first.v + 1 }}" } }
  - { id: b, tool: work, parameters: { v: "{{ first.v + 2 }}" } }
  - { id: c, tool: work, parameters: { v: "{{ first.v + 3 }}" } }
outputs: { o: "{{ a.v + b.v + c.v }}" }`

const waitingIn = async ({ engine }: Pick<Workshop, 'engine'>, step: string) =>
  ((await engine.view.peek({ kind: 'step', key: `run_1.${step}` })) as StepState | undefined)?.awaiting

const settle = ({ engine }: Pick<Workshop, 'engine'>, step: string, value: Json) =>
  engine.ask({ kind: 'run', key: 'run_1' }, { type: 'signal', name: `call:${step}`, value }, { correlationId: 'run_1' })

const endOf = async ({ events }: Pick<Workshop, 'events'>, run = 'run_1') => (await events(run)).at(-1)!

test('a part in doubt within a batch waits for a person in a turn of its own', async () => {
  let act = async (v: number): Promise<Json> => ({ v })
  const work = tool('work', ({ v }, { once }) => once('part', () => act(v as number), { effect: 'at-most-once' }))
  const plain = tool('work', ({ v }) => ({ v: v! }))
  let warm = true
  const both = tool('work', (input, context) => (warm ? plain : work).execute(input, context) as Json)
  const shop = openWorkshop({ tools: [both], services: { elapsed: () => 0 } })
  await shop.start(FAN, {}, 'warm-up')
  await endOf(shop, 'warm-up')
  warm = false
  let lost = true
  act = async (v) => {
    if (v !== 2 || !lost) return { v }
    lost = false
    throw new UnknownError('the connection broke')
  }
  await shop.start(FAN)
  await until(async () => (await waitingIn(shop, 'b')) !== undefined)
  await settle(shop, 'b', 'not-done')
  expect(await endOf(shop)).toMatchObject({ status: 'completed', outputs: { inline: { o: 6 } } })
})

test('the call of a handler has parts of its own', async () => {
  const on = { disk: inlineDisk(), values: memoryValues() }
  const text = `
name: handled
steps:
  - { id: a, tool: broken, on_error: { handler_task_id: refund } }
  - { id: refund, tool: refund, parameters: { cents: 5 } }
outputs: { o: "{{ a.result | default(a) }}" }`
  const open = (did: string[], pay: () => Json | Promise<Json>) =>
    openWorkshop({
      ...on,
      tools: [
        tool('broken', () => {
          throw new TerminalError('it is broken', { code: 'tool_error' })
        }),
        tool('refund', async (_, { once }) => {
          await once('look', () => void did.push('look'))
          const work = () => {
            did.push('pay')
            return pay()
          }
          return { paid: await once('pay', work, { effect: 'at-most-once' }) }
        }),
      ],
    })
  const [death, before, after] = [gate(), [] as string[], [] as string[]]
  await open(before, () => death.arrive().then(() => null)).start(text)
  await death.reached
  await new Promise((resolve) => setTimeout(resolve, 2))
  const next = open(after, () => 5)
  await next.engine.start()
  await until(async () => (await waitingIn(next, 'a')) !== undefined)
  expect(after).toEqual([])
  await settle(next, 'a', 'not-done')
  expect(await endOf(next)).toMatchObject({ status: 'completed' })
  expect([before, after]).toEqual([['look', 'pay'], ['pay']])
})

test('iterations of a loop and two steps have parts of the same names', async () => {
  const did: string[] = []
  const { run } = openWorkshop({
    tools: [
      tool('work', async ({ v }, { once }) => ({
        v: await once('part', () => {
          did.push(`${v}`)
          return v!
        }),
      })),
    ],
  })
  const { outputs } = await run(`
name: loops
steps:
  - id: each
    for_each: [1, 2, 3]
    steps:
      - { id: one, tool: work, parameters: { v: "{{ item }}" } }
      - { id: two, tool: work, parameters: { v: "{{ one.v * 10 }}" } }
outputs: { o: "{{ each.results[2].two.result.v }}" }`)
  expect(outputs).toEqual({ o: 30 })
  expect(did.toSorted()).toEqual(['1', '10', '2', '20', '3', '30'])
})
