import { describe, expect, test } from 'vitest'
import { copyDisk, type InlineDisk, inlineDisk } from '../../../src/engine/inline/disk.ts'
import { TerminalError, UnknownError } from '../../../src/errors.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { StepState } from '../../../src/step/attempt/step-state.ts'
import { until } from '../../../src/testing/until.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { readRun } from '../../pipeline/read-run.ts'
import { type Calls, gate, memoryValues, openWorkshop, tool, type Workshop } from '../../pipeline/workshop.ts'

const STEP = '{ id: pay, tool: pay, parameters: { amount: 7 } }'
const TEXT = `
name: paying
steps:
  - ${STEP}
  - { id: told, tool: say, parameters: { v: "{{ pay.receipt }}" } }
outputs: { o: "{{ told.v }}" }`

/** A process that dies while it pays, and the next one on the same disk. */
async function afterDeath(text = TEXT, more: { readonly undo?: string[] } = {}) {
  const [disk, values, first] = [inlineDisk(), memoryValues(), [] as Calls]
  const death = gate()
  const dying = openWorkshop({ disk, values, tools: [payment(first, () => death.arrive(), more)] })
  await dying.start(text)
  await death.reached
  await new Promise((resolve) => setTimeout(resolve, 5))
  return { ...(await next(disk, values, more)), first }
}

async function next(disk: InlineDisk, values: Workshop['values'], more: { readonly undo?: string[] } = {}) {
  const again: Calls = []
  // a copy: the process before is dead, and writes nothing more
  const workshop = openWorkshop({
    disk: copyDisk(disk),
    values,
    tools: [payment(again, () => ({ receipt: 'new' }), more)],
  })
  await workshop.engine.start()
  return { ...workshop, again }
}

function payment(calls: Calls, act: () => Json | Promise<Json | void> | void, { undo }: { readonly undo?: string[] }) {
  const plain = tool('pay', act as () => Json, 'at-most-once', calls)
  return undo ? defineTool({ ...plain, undo: async ({ output }) => void undo.push(JSON.stringify(output)) }) : plain
}

const waiting = async ({ engine }: Pick<Workshop, 'engine'>, step = 'pay') =>
  ((await engine.view.peek({ kind: 'step', key: `run_1.${step}` })) as StepState | undefined)?.awaiting

const settle = ({ engine }: Pick<Workshop, 'engine'>, value: Json, id?: string, step = 'pay') =>
  engine.ask(
    { kind: 'run', key: 'run_1' },
    { type: 'signal', name: `call:${step}`, value },
    { correlationId: 'run_1', ...(id !== undefined && { id }) },
  )

const endOf = async ({ events }: Pick<Workshop, 'events'>) => (await events('run_1')).at(-1)!

describe('an at-most-once call that a crash cut off', () => {
  test('waits for a person, who sees the tool and its parameters', async () => {
    const left = await afterDeath()
    await until(async () => (await waiting(left)) !== undefined)
    const { question, parameters } = (await waiting(left))!
    expect(question).toMatchObject({
      to: { signal: 'call:pay' },
      body: {
        ...{ kind: 'unknown', title: 'Did pay take place? It was interrupted.', content: { inline: { amount: 7 } } },
        sentAt: expect.any(Number),
        expects: { type: 'settlement', choices: ['done', 'not-done', 'fail'] },
      },
    })
    expect(question.body).not.toHaveProperty('lastWords')
    // the earlier process sent it: before this one asked
    expect((question.body as { readonly sentAt: number }).sentAt).toBeLessThan((await waiting(left))!.since)
    expect(parameters).toEqual({ inline: { amount: 7 } })
    expect(left.again).toEqual([])
  })

  test('that took place continues with the result that the person gives', async () => {
    const left = await afterDeath()
    await until(async () => (await waiting(left)) !== undefined)
    expect(await settle(left, { outcome: 'done', result: { receipt: 'seen' } })).toMatchObject({ status: 'taken' })
    expect(await endOf(left)).toMatchObject({ status: 'completed', outputs: { inline: { o: 'seen' } } })
    expect(left.again).toEqual([])
  })

  test('that did not take place is made under its key', async () => {
    const left = await afterDeath()
    await until(async () => (await waiting(left)) !== undefined)
    await settle(left, 'not-done')
    expect(await endOf(left)).toMatchObject({ status: 'completed', outputs: { inline: { o: 'new' } } })
    expect(left.again).toEqual(left.first)
  })

  test('that is settled as failed names the tool, and the handlers of its step apply', async () => {
    const left = await afterDeath()
    await until(async () => (await waiting(left)) !== undefined)
    await settle(left, 'fail')
    expect(await endOf(left)).toMatchObject({
      status: 'failed',
      problem: {
        code: 'settled_failed',
        step: 'pay',
        message: 'A person settled the call as failed: pay was interrupted; whether it took place is not known.',
      },
    })
    const handled = await afterDeath(
      TEXT.replace('7 }', '7 }, on_error: { handler_action: nothing, fallback_value: { receipt: none } }'),
    )
    await until(async () => (await waiting(handled)) !== undefined)
    await settle(handled, 'fail')
    expect(await endOf(handled)).toMatchObject({ status: 'completed', outputs: { inline: { o: 'none' } } })
  })

  test('accepts no other answer, and only the first of several', async () => {
    const left = await afterDeath()
    await until(async () => (await waiting(left)) !== undefined)
    for (const wrong of ['yes', { outcome: 'fail', result: 1 }, { action: 'approve' }, null])
      await expect(settle(left, wrong)).rejects.toMatchObject({ code: 'bad_value' })
    const [one, other] = await Promise.all([settle(left, 'not-done'), settle(left, 'done')])
    expect([one, other].map((answer) => (answer as { status: string }).status).sort()).toEqual(['late', 'taken'])
    expect((await endOf(left)).status).toBe('completed')
  })

  test('can be undone after a person settled it as done', async () => {
    const undo: string[] = []
    const text = `name: x\non_failure: undo\nsteps:\n  - ${STEP}\n  - { id: bad, tool: fail, dependencies: [pay] }`
    const left = await afterDeath(text, { undo })
    await until(async () => (await waiting(left)) !== undefined)
    await settle(left, { outcome: 'done', result: { receipt: 'seen' } })
    expect((await endOf(left)).status).toBe('failed')
    await until(() => undo.length > 0)
    expect(undo).toEqual(['{"receipt":"seen"}'])
  })

  test('is a failure once its run has failed', async () => {
    const left = await afterDeath(`${TEXT.replace('steps:', 'steps:\n  - { id: bad, tool: fail }')}`)
    expect(await endOf(left)).toMatchObject({ status: 'failed', problem: { step: 'bad' } })
    const facts = await left.events('run_1')
    expect(facts.find(({ type, step }) => type === 'step-end' && step === 'pay')).toMatchObject({ status: 'failed' })
  })

  test('asks nobody if a handler names exactly this failure', async () => {
    const handler = 'on_error: { error_codes: [unknown], handler_action: nothing, fallback_value: { receipt: looked } }'
    const left = await afterDeath(TEXT.replace('7 }', `7 }, ${handler}`))
    expect(await endOf(left)).toMatchObject({ status: 'completed', outputs: { inline: { o: 'looked' } } })
  })

  test('keeps waiting after another crash, also one right after the answer', async () => {
    const left = await afterDeath()
    await until(async () => (await waiting(left)) !== undefined)
    const second = await next(left.disk, left.values)
    expect(await waiting(second)).toBeDefined()
    const answered = settle(second, 'not-done', 'answer-1')
    const third = await next(second.disk, left.values)
    await Promise.race([answered.catch(() => {}), settle(third, 'not-done', 'answer-1')])
    expect(await endOf(third)).toMatchObject({ status: 'completed' })
  })
})

test('a tool that cannot tell whether it acted makes its step wait, too', async () => {
  const calls: Calls = []
  const act = () => {
    if (calls.length === 1) throw new UnknownError('the connection broke')
    return { receipt: 'second' }
  }
  const workshop = openWorkshop({ tools: [payment(calls, act, {})] })
  await workshop.start(TEXT)
  await until(async () => (await waiting(workshop)) !== undefined)
  expect((await waiting(workshop))!.question.body).toMatchObject({
    title: 'Did pay take place? the connection broke',
    lastWords: 'the connection broke',
    sentAt: expect.any(Number),
  })
  await settle(workshop, 'not-done')
  expect(await endOf(workshop)).toMatchObject({ status: 'completed', outputs: { inline: { o: 'second' } } })
  expect(calls[1]!.key).toBe(calls[0]!.key)
})

describe('an at-most-once call of a handler that a crash cut off', () => {
  const standby = '{ id: refund, tool: pay, parameters: { amount: 7, why: "{{ error.failed_task_id }}" } }'
  const failing = (more: string) => `name: x\nsteps:\n  - { id: a, tool: fail, ${more} }\n  - ${standby}`
  const HANDLED = failing('on_error: { handler_task_id: refund }')
  const FALLBACK = `${failing('fallback: [refund]')}\noutputs: { o: "{{ a.receipt }}" }`

  /** The next process, once the step waits. */
  async function leftWaiting(text: string) {
    const left = await afterDeath(text)
    await until(async () => (await waiting(left, 'a')) !== undefined)
    return left
  }
  const stepsOf = async ({ engine, values }: Workshop) => (await readRun(engine.view, values, 'run_1')).steps

  test('waits for a person, who sees the tool of the handler and its parameters', async () => {
    const left = await leftWaiting(HANDLED)
    expect((await waiting(left, 'a'))!.question).toMatchObject({
      to: { signal: 'call:a' },
      body: {
        title: 'Did pay, which a handler of a called, take place? It was interrupted.',
        sentAt: expect.any(Number),
        content: { inline: { amount: 7, why: 'a' } },
        expects: { type: 'settlement' },
      },
    })
    expect(left.again).toEqual([])
  })

  test.each([
    ['done', { a: { status: 'failed', handled: 'refund' }, refund: { status: 'completed' } }, 0],
    ['not-done', { a: { status: 'failed', handled: 'refund' }, refund: { status: 'completed' } }, 1],
    ['fail', { a: { failed_handlers: [{ error_code: 'settled_failed' }] }, refund: { status: 'failed' } }, 0],
  ])('settled as %s continues the recovery', async (outcome, steps, calls) => {
    const left = await leftWaiting(HANDLED)
    await settle(left, outcome, undefined, 'a')
    expect((await endOf(left)).status).toBe(outcome === 'fail' ? 'failed' : 'completed')
    expect(await stepsOf(left)).toMatchObject(steps)
    expect(left.again).toEqual(left.first.slice(0, calls))
  })

  test.each([
    [{ outcome: 'done', result: { receipt: 'seen' } }, 'seen'],
    ['not-done', 'new'],
  ] as const)('is the result of its step if it is a fallback: %j', async (how, o) => {
    const left = await leftWaiting(FALLBACK)
    await settle(left, how, undefined, 'a')
    expect(await endOf(left)).toMatchObject({ status: 'completed', outputs: { inline: { o } } })
    expect(left.again).toEqual(how === 'not-done' ? left.first : [])
  })

  test('waits after another crash, too, and again if the repeated call is cut off', async () => {
    const left = await leftWaiting(HANDLED)
    const death = gate()
    const calls: Calls = []
    const dying = openWorkshop({ ...left, tools: [payment(calls, () => death.arrive(), {})], calls })
    await dying.engine.start()
    await settle(dying, 'not-done', undefined, 'a')
    await death.reached
    await new Promise((resolve) => setTimeout(resolve, 5))
    const third = await next(left.disk, left.values)
    await until(async () => (await waiting(third, 'a')) !== undefined)
    await settle(third, 'not-done', undefined, 'a')
    expect((await endOf(third)).status).toBe('completed')
    expect([...calls, ...third.again]).toEqual([...left.first, ...left.first])
  })

  test('is named as a failed handler once its run has failed', async () => {
    const left = await afterDeath(
      HANDLED.replace(
        'steps:',
        'steps:\n  - { id: bad, tool: fail, dependencies: [slow] }\n  - { id: slow, tool: say }',
      ),
    )
    expect(await endOf(left)).toMatchObject({ status: 'failed', problem: { step: 'bad' } })
    expect((await stepsOf(left)).a).toMatchObject({
      ...{ status: 'failed', error: 'broken' },
      failed_handlers: [{ error: expect.stringContaining('pay, which a handler of a called, was interrupted') }],
    })
  })
})

test.each([
  [{ outcome: 'done', result: { receipt: 'seen' } }, 'seen', 2],
  ['not-done', 'third', 3],
] as const)('a call that a handler has made again waits, too: %j', async (how, o, made) => {
  const calls: Calls = []
  const act = () => {
    if (calls.length === 1) throw new TerminalError('no luck')
    if (calls.length === 2) throw new UnknownError('the connection broke')
    return { receipt: 'third' }
  }
  const workshop = openWorkshop({ tools: [payment(calls, act, {})] })
  const handler = 'on_error: { handler_task_id: mend, retry_with_handler: true }'
  await workshop.start(
    `name: x\nsteps:\n  - ${STEP.replace('7 }', `7 }, ${handler}`)}\n  - { id: mend, tool: say }\noutputs: { o: "{{ pay.receipt }}" }`,
  )
  await until(async () => (await waiting(workshop)) !== undefined)
  await settle(workshop, how)
  expect(await endOf(workshop)).toMatchObject({ status: 'completed', outputs: { inline: { o } } })
  expect(calls).toHaveLength(made)
  expect(calls[2]?.key ?? calls[1]!.key).toBe(calls[1]!.key)
  expect(workshop.calls.filter(({ tool }) => tool === 'say')).toHaveLength(1)
})
