import { describe, expect, test } from 'vitest'
import { type InlineDisk, inlineDisk } from '../../../src/engine/inline/disk.ts'
import { RetryableError, UnknownError } from '../../../src/errors.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { EffectClass } from '../../../src/kernel/types.ts'
import type { StepState } from '../../../src/step/attempt/step-state.ts'
import { until } from '../../../src/testing/until.ts'
import type { Once } from '../../../src/tool/once/once.ts'
import type { CallContext } from '../../../src/tool/tool.ts'
import { gate, memoryValues, openWorkshop, tool, type Workshop } from '../../pipeline/workshop.ts'

const text = (more = '') => `
name: ordering
steps:
  - { id: order, tool: order, parameters: { v: 1 }${more} }
outputs: { o: "{{ order.all }}" }`

/** What a process did, and where it stops dead. */
type Life = { readonly did: string[]; readonly keys?: string[]; readonly at?: string }

/** A tool with three parts, which records what is done outside. A process dies before or after the work of one part. */
function order({ did, keys = [], at = '' }: Life, effect: EffectClass = 'idempotent', death = gate()) {
  const part = (name: string) => async (about: { readonly idempotencyKey: string }) => {
    if (at === `before ${name}`) await death.arrive()
    did.push(name)
    keys.push(about.idempotencyKey)
    if (at === `after ${name}`) await death.arrive()
    return { name, n: did.length }
  }
  const act = async (_: object, { once }: CallContext) => {
    const all: Json[] = []
    for (const name of ['a', 'b', 'c']) all.push((await once(name, part(name))).name)
    if (at === 'end') await death.arrive()
    return { all }
  }
  return { tool: tool('order', act, effect), death }
}

type Disk = { readonly disk: InlineDisk; readonly values: Workshop['values'] }
const newDisk = (): Disk => ({ disk: inlineDisk(), values: memoryValues() })

/** A process that dies there, and stays as it is. */
async function dieAt(on: Disk, at: string, life: Omit<Life, 'at'>, effect?: EffectClass) {
  const made = order({ ...life, at }, effect)
  const workshop = openWorkshop({ ...on, tools: [made.tool] })
  if (on.disk.outcomes.size === 0 && on.disk.cells.size === 0) await workshop.start(text())
  else await workshop.engine.start()
  await made.death.reached
  await new Promise((resolve) => setTimeout(resolve, 2))
}

async function liveOn(on: Disk, life: Life, effect?: EffectClass) {
  const workshop = openWorkshop({ ...on, tools: [order(life, effect).tool] })
  await workshop.engine.start()
  return workshop
}

const endOf = async ({ events }: Pick<Workshop, 'events'>) => (await events('run_1')).at(-1)!
const COMPLETED = { status: 'completed', outputs: { inline: { o: ['a', 'b', 'c'] } } }

describe('a tool that was killed', () => {
  test.each([
    ['before a', '', 'abc'],
    ['after a', 'a', 'abc'],
    ['before b', 'a', 'bc'],
    ['after b', 'ab', 'bc'],
    ['after c', 'abc', 'c'],
    ['end', 'abc', ''],
  ])('%s repeats only what had not ended', async (at, before, after) => {
    const on = newDisk()
    const [did, again] = [[], []] as [string[], string[]]
    await dieAt(on, at, { did })
    expect(did.join('')).toBe(before)
    expect(await endOf(await liveOn(on, { did: again }))).toMatchObject(COMPLETED)
    expect(again.join('')).toBe(after)
  })

  test('several times ends as if nobody had killed it, and each part keeps its key', async () => {
    const on = newDisk()
    const [did, keys] = [[], []] as [string[], string[]]
    for (const at of ['after a', 'after c']) await dieAt(on, at, { did, keys })
    expect(await endOf(await liveOn(on, { did, keys }))).toMatchObject(COMPLETED)
    expect(did.join('')).toBe('aabcc')
    expect(new Set(keys).size).toBe(3)
  })
})

describe('a part that must not be repeated', () => {
  /** Pays once between two parts that may be repeated. */
  const pay = (did: string[], work: () => Promise<Json> | Json, effect: EffectClass = 'idempotent') =>
    tool(
      'order',
      async (_, { once }) => {
        const first = await once('look up', () => {
          did.push('look up')
          return 'found'
        })
        const paid = await once(
          'pay',
          () => {
            did.push('pay')
            return work()
          },
          { effect: 'at-most-once' },
        )
        await once('tell', () => void did.push('tell'))
        return { all: [first, paid] }
      },
      effect,
    )

  type Next = { readonly effect?: EffectClass; readonly work?: () => Promise<Json> | Json }

  const waitingIn = async ({ engine }: Pick<Workshop, 'engine'>) =>
    ((await engine.view.peek({ kind: 'step', key: 'run_1.order' })) as StepState | undefined)?.awaiting

  /** The next process on a disk, when it asks a person. */
  async function asking(on: Disk, { effect, work = () => 'paid' }: Next = {}) {
    const again: string[] = []
    const next = openWorkshop({ ...on, tools: [pay(again, work, effect)] })
    await next.engine.start()
    await until(async () => (await waitingIn(next)) !== undefined)
    const settle = (value: Json) =>
      next.engine.ask(
        { kind: 'run', key: 'run_1' },
        { type: 'signal', name: 'call:order', value },
        { correlationId: 'run_1' },
      )
    return { ...next, again, settle, question: (await waitingIn(next))!.question }
  }

  async function cutOff(next: Next = {}) {
    const [on, death] = [newDisk(), gate()]
    const first = openWorkshop({ ...on, tools: [pay([], () => death.arrive().then(() => null), next.effect)] })
    await first.start(text())
    await death.reached
    await new Promise((resolve) => setTimeout(resolve, 2))
    return { ...(await asking(on, next)), on }
  }

  test('and was cut off is an unknown outcome that a person settles', async () => {
    const { question, again, settle, events } = await cutOff()
    expect(question.body).toMatchObject({
      kind: 'unknown',
      title: 'Did order take place? The part pay of order was interrupted; whether it took place is not known.',
    })
    expect(again).toEqual([])
    await settle('not-done')
    expect(await endOf({ events })).toMatchObject({
      status: 'completed',
      outputs: { inline: { o: ['found', 'paid'] } },
    })
    expect(again).toEqual(['pay', 'tell'])
  })

  test('ends the call with the result of the person who says that it took place', async () => {
    const { again, settle, events } = await cutOff()
    await settle({ outcome: 'done', result: { all: 'by hand' } })
    expect(await endOf({ events })).toMatchObject({ status: 'completed', outputs: { inline: { o: 'by hand' } } })
    expect(again).toEqual([])
  })

  test('is reused by an at-most-once tool whose call a person lets antiphon repeat', async () => {
    const { question, again, settle, events } = await cutOff({ effect: 'at-most-once' })
    expect(question.body).toMatchObject({ title: 'Did order take place? It was interrupted.' })
    await settle('not-done')
    expect((await endOf({ events })).status).toBe('completed')
    expect(again).toEqual(['pay', 'tell'])
  })

  test('is in doubt again if the repeated call is cut off, too', async () => {
    const death = gate()
    const { on, settle } = await cutOff({ work: () => death.arrive().then(() => null) })
    await settle('not-done')
    await death.reached
    await new Promise((resolve) => setTimeout(resolve, 2))
    expect((await asking(on)).again).toEqual([])
  })

  test('may begin again if it failed, and waits for a person if its outcome is unknown', async () => {
    const failingOnce = (did: string[], error: Error) => () => {
      if (did.filter((one) => one === 'pay').length === 1) throw error
      return 'paid'
    }
    const did: string[] = []
    const { run } = openWorkshop({ tools: [pay(did, failingOnce(did, new RetryableError('no line', { delay: 0 })))] })
    expect((await run(text(', retry: 2'))).status).toBe('completed')
    expect(did).toEqual(['look up', 'pay', 'pay', 'tell'])
    const unknown: string[] = []
    const tools = [pay(unknown, failingOnce(unknown, new UnknownError('the connection broke')))]
    const workshop = openWorkshop({ tools })
    await workshop.start(text(', retry: 2'))
    await until(async () => (await waitingIn(workshop)) !== undefined)
    expect((await waitingIn(workshop))!.question.body).toMatchObject({
      title: 'Did order take place? The part pay of order may have taken place: the connection broke',
    })
    expect(unknown).toEqual(['look up', 'pay'])
  })
})

describe('parts of one call', () => {
  const calling = (act: (once: Once) => Promise<unknown>, more = '') =>
    openWorkshop({ tools: [tool('order', async (_, { once }) => ({ all: (await act(once)) as Json }))] }).run(
      text(more),
    )

  test('work at the same time, and give what JSON keeps', async () => {
    const [one, other] = [gate(), gate()]
    const { outputs } = await calling((once) =>
      Promise.all([
        once('one', async () => {
          other.release()
          await one.arrive()
          return { a: 1, b: undefined }
        }),
        once('two', () => other.arrive().then(() => void one.release())),
      ]),
    )
    expect(outputs).toEqual({ o: [{ a: 1 }, null] })
  })

  test('are reused by a retry, but not those that failed', async () => {
    const did: string[] = []
    const { outputs } = await calling(async (once) => {
      const first = await once('first', () => did.push('first'))
      const second = await once('second', () => {
        did.push('second')
        if (did.length < 4) throw new RetryableError('not yet', { delay: 0 })
        return 2
      })
      return [first, second]
    }, ', retry: 3')
    expect(outputs).toEqual({ o: [1, 2] })
    expect(did).toEqual(['first', 'second', 'second', 'second'])
  })

  test('end before the call is made again', async () => {
    const did: string[] = []
    const slow = gate()
    const { outputs } = await calling(async (once) => {
      const other = once('other', async () => {
        did.push('other')
        await slow.arrive()
        return 'done'
      })
      await once('failing', async () => {
        did.push('failing')
        if (did.filter((one) => one === 'failing').length > 1) return null
        setTimeout(slow.release, 5)
        throw new RetryableError('not yet', { delay: 0 })
      })
      return other
    }, ', retry: 1')
    expect(outputs).toEqual({ o: 'done' })
    expect(did).toEqual(['other', 'failing', 'failing'])
  })

  test.each<[string, (once: Once) => Promise<Json>, string, RegExp]>([
    [
      'a name twice',
      (once) => once('a', () => 1).then(() => once('a', () => 2)),
      'invalid_once',
      /uses the name "a" of `once` twice/,
    ],
    ['no name', (once) => once('', () => 1), 'invalid_once', /expected a name of 1 to 200 characters/],
    ['a long name', (once) => once('n'.repeat(201), () => 1), 'invalid_once', /expected a name of 1 to 200 characters/],
    ['no function', (once) => once('a', 7 as never), 'invalid_once', /expected a function/],
    ['another class', (once) => once('a', () => 1, { effect: 'never' as never }), 'invalid_once', /got "never"/],
    [
      'a Map',
      (once) => once('a', () => ({ at: [new Map()] }) as never),
      'bad_result',
      /The part a of order was made; its result does not fit at `at\[0\]`: expected JSON, got a Map\./,
    ],
    [
      'a long result',
      (once) => once('a', () => 'x'.repeat(256 * 1024)),
      'bad_result',
      /The part a of order was made; its result does not fit: it is larger than 256 KiB\./,
    ],
  ])('%s fails the call by name', async (_, act, code, message) => {
    const { problem } = (await calling(act, ', retry: 2')) as unknown as { problem: { code: string; message: string } }
    expect(problem).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  test('are 1,000 at most', async () => {
    const { problem } = await calling(async (once) => {
      for (let n = 0; n < 1001; n++) await once(`${n}`, () => n)
      return null
    })
    expect(problem).toMatchObject({ code: 'invalid_once', message: expect.stringMatching(/more than 1000 parts/) })
  })

  test('keep large results, without secrets in them', async () => {
    const on = newDisk()
    const death = gate()
    const hide = (value: Json) => JSON.parse(JSON.stringify(value).replaceAll('secret', '***'))
    const secrets = {
      hide,
      problem: async (problem: unknown) => problem,
      insert: async (value: unknown) => value,
    } as never
    const open = (work: () => Json, end: () => Promise<void>) =>
      openWorkshop({
        ...on,
        services: { secrets },
        tools: [
          tool('order', async (_, { once }) => {
            const kept = (await once('a', work)) as string
            await end()
            return { all: [kept.length, kept.slice(-6)] }
          }),
        ],
      })
    const first = open(() => `${'x'.repeat(100_000)}secret`, death.arrive)
    await first.start(text())
    await death.reached
    const next = open(
      () => 'again',
      async () => {},
    )
    await next.engine.start()
    expect(await endOf(next)).toMatchObject({ outputs: { inline: { o: [100_003, 'xxx***'] } } })
  })

  test('are still recorded while the engine stops, because it waits for their call', async () => {
    const on = newDisk()
    const [slow, did] = [gate(), [] as string[]]
    const order = tool('order', async (_, { once }) => {
      await once('a', () => slow.arrive().then(() => void did.push('a')))
      await once('b', () => void did.push('b'), { effect: 'at-most-once' })
      return { all: 'fine' }
    })
    const { engine, start } = openWorkshop({ ...on, tools: [order] })
    await start(text())
    await slow.reached
    const stopped = engine.stop()
    await expect(engine.ask({ kind: 'run', key: 'run_2' }, {})).rejects.toMatchObject({ code: 'busy' })
    slow.release()
    await stopped
    expect(did).toEqual(['a', 'b'])
    const again: string[] = []
    const next = openWorkshop({ ...on, tools: [tool('order', () => ({ all: again.push('order') }))] })
    await next.engine.start()
    expect(await endOf(next)).toMatchObject({ outputs: { inline: { o: 'fine' } } })
    expect(again).toEqual([])
  })
})
