import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { inlineDisk } from '../../../src/engine/inline/disk.ts'
import { TerminalError, UnknownError } from '../../../src/errors.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { compileText } from '../../../src/pipeline/language/compile.ts'
import type { StepState } from '../../../src/step/attempt/step-state.ts'
import { nextMove } from '../../../src/step/suspend/look-up.ts'
import { until } from '../../../src/testing/until.ts'
import type { CallFinding } from '../../../src/tool/once/call-finding.ts'
import { defineTool, type Tool } from '../../../src/tool/tool.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { gate, memoryValues, openWorkshop, tool, type Workshop } from '../../pipeline/workshop.ts'

const TEXT = `
name: paying
steps:
  - { id: pay, tool: pay, parameters: { amount: 7 } }
  - { id: told, tool: say, parameters: { v: "{{ pay.receipt }}" } }
outputs: { o: "{{ told.v }}" }`

type LookUp = NonNullable<Tool['lookUp']>
type Terms = {
  readonly settlesAfter?: string
  readonly text?: string
  readonly act?: () => Json
  readonly tools?: readonly Tool[]
  /** how many calls fail before the one that is cut off */
  readonly failing?: number
}

/** A process that dies while it pays, and the next one on the same disk, whose tool looks the call up. */
async function afterDeath(
  lookUp: LookUp | undefined,
  { settlesAfter, text = TEXT, act = () => ({ receipt: 'new' }), tools = [], failing = 0 }: Terms = {},
) {
  const [disk, values, calls] = [inlineDisk(), memoryValues(), { first: [] as never[], again: [] as never[] }]
  const death = gate()
  const payment = (called: never[], work: () => Json | Promise<Json | void>) =>
    defineTool({
      ...tool('pay', work as () => Json, 'at-most-once', called),
      ...(lookUp && { lookUp }),
      ...(settlesAfter !== undefined && { settlesAfter }),
    })
  const failOrDie = () => {
    if (calls.first.length > failing) return death.arrive()
    throw new TerminalError('The card was declined.')
  }
  const dying = openWorkshop({ disk, values, tools: [payment(calls.first, failOrDie), ...tools] })
  await dying.start(text)
  await death.reached
  await new Promise((resolve) => setTimeout(resolve, 5))
  const workshop = openWorkshop({ disk, values, tools: [payment(calls.again, act), ...tools] })
  await workshop.engine.start()
  return { ...workshop, ...calls }
}

const waiting = async ({ engine }: Pick<Workshop, 'engine'>) =>
  ((await engine.view.peek({ kind: 'step', key: 'run_1.pay' })) as StepState | undefined)?.awaiting
const inbox = ({ engine }: Pick<Workshop, 'engine'>) => engine.view.list('step', { where: { inbox: 1 } })
const endOf = async ({ events }: Pick<Workshop, 'events'>) => (await events('run_1')).at(-1)!

describe('a call that was cut off, of a tool that looks it up', () => {
  test('ends with what was found, and nobody is asked', async () => {
    const asked: unknown[] = []
    const left = await afterDeath((input, { idempotencyKey, since }) => {
      asked.push({ input, idempotencyKey, since })
      return { done: { receipt: 'found' } }
    })
    expect(await endOf(left)).toMatchObject({ status: 'completed', outputs: { inline: { o: 'found' } } })
    expect(left.again).toEqual([])
    expect(asked).toEqual([
      { input: { amount: 7 }, idempotencyKey: expect.stringMatching(/\/execute$/), since: expect.any(Number) },
    ])
  })

  test('is made again, under its key, when it was not made for good', async () => {
    const left = await afterDeath(() => ({ notDone: 'final' }))
    expect(await endOf(left)).toMatchObject({ status: 'completed', outputs: { inline: { o: 'new' } } })
    expect(left.again).toHaveLength(1)
  })

  test('is made again when there is no trace of it after `settlesAfter`, and not before', async () => {
    const looks: number[] = []
    const left = await afterDeath(
      (_, { since }) => {
        looks.push(Date.now() - since)
        return 'not-done'
      },
      { settlesAfter: '0.3s' },
    )
    expect(await endOf(left)).toMatchObject({ status: 'completed', outputs: { inline: { o: 'new' } } })
    expect(looks).toHaveLength(2)
    expect(looks[1]).toBeGreaterThanOrEqual(300)
  })

  test.each<[what: string, found: CallFinding, words: string]>([
    ['there is no trace of it, and no time after which that counts', 'not-done', 'There is no trace of the call.'],
    ['the service does not know', 'unknown', 'The look-up does not know.'],
  ])('asks a person where %s', async (_, found, words) => {
    const left = await afterDeath(() => found)
    await until(async () => (await inbox(left)).length === 1)
    expect((await waiting(left))!.question.body).toMatchObject({
      kind: 'unknown',
      lookedUp: { at: expect.any(Number), found: words },
    })
    expect(left.again).toEqual([])
  })

  test('asks nobody while it is looked up, and takes the answer of a person', async () => {
    const held = gate()
    const left = await afterDeath(async () => {
      await held.arrive()
      throw new Error('The service is down.')
    })
    await held.reached
    expect(await inbox(left)).toEqual([])
    held.release()
    const value = { outcome: 'done', result: { receipt: 'seen' } }
    await left.engine.ask({ kind: 'run', key: 'run_1' }, { type: 'signal', name: 'call:pay', value })
    expect(await endOf(left)).toMatchObject({ status: 'completed', outputs: { inline: { o: 'seen' } } })
    expect(await inbox(left)).toEqual([])
  })

  test('asks a person where the second call is in doubt, too', async () => {
    const left = await afterDeath(() => ({ notDone: 'final' }), {
      act: () => {
        throw new UnknownError('The connection was cut.')
      },
    })
    await until(async () => (await inbox(left)).length === 1)
    expect(left.again).toHaveLength(1)
  })

  test('is not made again by a look-up once its run was cancelled', async () => {
    const held = gate()
    const left = await afterDeath(async () => {
      await held.arrive()
      return { notDone: 'final' }
    })
    await held.reached
    await left.engine.cancel({ kind: 'run', key: 'run_1' }, 'run_1', 'stop')
    held.release()
    expect(await endOf(left)).toMatchObject({ status: 'cancelled' })
    expect(left.again).toEqual([])
  })

  test('of a handler is looked up under the key of that call', async () => {
    const text = `
name: x
steps:
  - { id: a, tool: fail, on_error: { handler_task_id: refund } }
  - { id: refund, tool: pay, parameters: { amount: 7 } }`
    const keys: string[] = []
    const left = await afterDeath(
      (_, { idempotencyKey }) => {
        keys.push(idempotencyKey)
        return { done: { receipt: 'found' } }
      },
      { text },
    )
    await endOf(left)
    expect(keys).toEqual(left.first.map(({ key }: { readonly key: string }) => key))
    expect(keys).toHaveLength(1)
    expect(left.again).toEqual([])
  })

  const BY_TOOL = `
name: paying
steps:
  - id: pay
    tool: pay
    parameters: { amount: 7 }
    look_up:
      tool: find
      parameters: { key: "{{ key }}" }
      done: "{{ result.payment }}"
      not_done: "{{ result.payment is none and result.open == false }}"
      settles_after: 0.05s
  - { id: told, tool: say, parameters: { v: "{{ pay.receipt }}" } }
outputs: { o: "{{ told.v }}" }`

  test.each([
    ['is there', { payment: { receipt: 'found' } }, 'found', 0],
    ['is not', { payment: null, open: false }, 'new', 1],
  ] as const)('is looked up by the tool that its step names: the payment %s', async (_, result, told, made) => {
    const found: { key: string }[] = []
    const find = defineTool({
      ...tool('find', () => result as never, 'pure', []),
      input: z.object({ key: z.string() }),
      execute: (input: { key: string }) => found.push(input) && (result as never),
    })
    const left = await afterDeath(undefined, { text: BY_TOOL, tools: [find as never] })
    expect(await endOf(left)).toMatchObject({ status: 'completed', outputs: { inline: { o: told } } })
    expect(left.again).toHaveLength(made)
    const keys = left.first.map(({ key }: { readonly key: string }) => ({ key }))
    expect(found[0]).toEqual(keys[0])
  })

  test('is looked up by the tool that its step names, also when a handler had the call made again', async () => {
    const find = tool('find', () => ({ receipt: 'found' }), 'pure', [])
    const text = `
name: x
steps:
  - id: pay
    tool: pay
    look_up: { tool: find, done: "{{ result }}" }
    on_error: { handler_task_id: mend, retry_with_handler: true, max_handler_retries: 1 }
  - { id: mend, tool: debug, parameters: { message: mended } }
outputs: { o: "{{ pay.receipt }}" }`
    const left = await afterDeath(undefined, { text, tools: [find, tool('debug', () => null, 'pure', [])], failing: 1 })
    expect(await endOf(left)).toMatchObject({ status: 'completed', outputs: { inline: { o: 'found' } } })
    expect(left.first).toHaveLength(2)
    expect(left.again).toEqual([])
  })

  test('fails as made where what was found does not fit', async () => {
    const left = await afterDeath((() => ({ done: new Map([[1, 2]]) })) as never)
    expect(await endOf(left)).toMatchObject({ status: 'failed', problem: { code: 'bad_result' } })
    expect(left.again).toEqual([])
  })
})

test.each([
  ['a look-up that fails is repeated, with longer pauses', { type: 'failed', why: 'x' }, 1, 1, 'later', 1000],
  ['and asks a person at the third time', { type: 'failed', why: 'x' }, 3, 3, 'ask', 4000],
  ['pauses are ten minutes at most', { type: 'unknown' }, 40, 0, 'ask', 600_000],
] as const)('%s', (_, found, count, failures, type, delay) => {
  expect(nextMove(found, { count, failures }, { passed: 0, remade: 0 })).toEqual({ type, delay })
})

test.each([
  ['waits until it counts', { counts: 500, isAtWork: false }, 0, { type: 'later', delay: 400 }],
  ['counts', { counts: 100, isAtWork: false }, 0, { type: 'not-done' }],
  ['counts never while the function works here', { counts: 100, isAtWork: true }, 0, { type: 'later', delay: 1000 }],
  ['asks where the call was made twice', { counts: 100, isAtWork: false }, 1, { type: 'ask', delay: 1000 }],
] as const)('a call without a trace %s', (_, found, remade, verdict) => {
  const looks = { count: 1, failures: 0 }
  expect(nextMove({ type: 'not-done', ...found }, looks, { passed: 100, remade })).toEqual(verdict)
})

test.each([
  ['of a call that may be repeated', 'find', '{ tool: find, done: "{{ result }}" }', /`look_up` has no use/],
  [
    'by a tool that acts',
    'pay',
    '{ tool: pay, parameters: { amount: 1 }, done: x }',
    /`pay` is at-most-once\. Write `effect: pure`/,
  ],
  [
    'by a tool that asks',
    'pay',
    '{ tool: asked, effect: pure, done: x }',
    /expected a tool that asks nobody, got `asked`/,
  ],
  ['by no tool', 'pay', '{ tool: none, done: x }', /there is no tool `none`/],
  ['without a result', 'pay', '{ tool: find }', /expected a `tool:` and a template `done:`/],
  ['with a name that is not there', 'pay', '{ tool: find, done: "{{ resul }}" }', /variable `resul`/],
  ['at no time', 'pay', '{ tool: find, done: x, settles_after: soon }', /`settles_after`: expected seconds or a time/],
  ['with a key too many', 'pay', '{ tool: find, done: x, settles: 1s }', /`look_up` has no key `settles`/],
  ['that is not a map', 'pay', 'find', /`look_up`: expected a map/],
])('a look-up in YAML %s is reported', (_, name, given, message) => {
  const asked = defineTool({ ...tool('asked', () => null, 'at-most-once', []), approve: true })
  const tools = [tool('pay', () => null, 'at-most-once', []), tool('find', () => null, 'pure', []), asked]
  const text = `name: x\nsteps:\n  - { id: a, tool: ${name}, parameters: { amount: 1, v: 1 }, look_up: ${given} }`
  const { findings } = compileText(text, { file: 'x.yaml', toolbox: createToolbox(tools) })
  expect(findings.map(({ message }) => message)).toContainEqual(expect.stringMatching(message))
})

test.each([
  ['a tool that is repeated anyway', { effect: 'idempotent', lookUp: () => 'unknown' }, /`lookUp` has no use/],
  ['a time without a look-up', { effect: 'at-most-once', settlesAfter: '1m' }, /`settlesAfter` needs `lookUp`/],
  ['no time', { effect: 'at-most-once', lookUp: () => 'unknown', settlesAfter: 'soon' }, /expected seconds, or a time/],
  ['no function', { effect: 'at-most-once', lookUp: 'yes' }, /`lookUp` is not a function/],
] as const)('%s is refused when the tool is defined', (_, terms, message) => {
  const made = { ...tool('pay', () => null, 'at-most-once', []), ...terms }
  expect(() => defineTool(made as never)).toThrow(message)
})
