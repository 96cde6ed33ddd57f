import { expect } from 'vitest'
import type { Json } from '../../src/kernel/schema.ts'
import { actor, eventualDeadLetters, READ, ref } from './actors.ts'
import type { DefineTest, OpenTestBench } from './harness.ts'

const CLERK = ref('clerk')

/** A clerk that fails to read until it is repaired. */
async function openClerk(open: OpenTestBench) {
  const glasses = { mended: false }
  const clerk = actor('clerk', [] as readonly Json[], (done, message) => {
    if (message === READ) return { reply: done }
    if (!glasses.mended) throw new Error('cannot read this')
    return { state: [...done, message], reply: 'done' }
  })
  const bench = await open([clerk])
  const fail = (id: string) => expect(bench.engine.ask(CLERK, id, { id })).rejects.toThrow('cannot read this')
  return { bench, glasses, fail }
}

// a value without `toString`
const UNREADABLE: unknown = Object.create(null)

/** Messages that failed for good are kept until somebody retries or drops them. */
export function deadLetters(test: DefineTest): void {
  test('dead letters are listed with their error, even after a crash and a stop', async (open) => {
    const { bench, fail } = await openClerk(open)
    await fail('a')
    await fail('b')
    const list = await eventualDeadLetters(bench.engine, 2)
    expect(list).toMatchObject([
      {
        id: expect.any(String),
        at: expect.any(Number),
        letter: { id: 'a', to: CLERK, body: 'a' },
        problem: { message: 'cannot read this' },
      },
      { letter: { id: 'b' } },
    ])
    await bench.crash()
    expect(await bench.engine.deadLetters.list()).toEqual(list)
    await bench.reopen()
    expect(await bench.engine.deadLetters.list()).toEqual(list)
  })

  test('a thrown value fails only its message, even if the value cannot be read', async (open) => {
    const thrower = actor('clerk', null, (_state, message) => {
      if (message === READ) return { reply: 'fine' }
      throw message === 'sealed' ? UNREADABLE : 'x'.repeat(300_000)
    })
    const { engine } = await open([thrower])
    for (const message of ['sealed', 'long']) await expect(engine.ask(CLERK, message)).rejects.toThrow()
    expect(await engine.ask(CLERK, READ)).toBe('fine')
    await eventualDeadLetters(engine, 2)
  })

  test('a dead letter can be retried and is then removed', async (open) => {
    const { bench, glasses, fail } = await openClerk(open)
    await fail('a')
    const [dead] = await eventualDeadLetters(bench.engine, 1)
    glasses.mended = true
    await bench.engine.deadLetters.retry(dead!.id)
    await bench.crash()
    expect(await bench.engine.ask(CLERK, READ)).toEqual(['a'])
    expect(await bench.engine.deadLetters.list()).toEqual([])
    await expect(bench.engine.ask(CLERK, 'a', { id: 'a' })).rejects.toThrow('cannot read this')
  })

  test('a retried message that fails again is a dead letter again', async (open) => {
    const { bench, glasses, fail } = await openClerk(open)
    await fail('a')
    const [first] = await eventualDeadLetters(bench.engine, 1)
    const again = await bench.engine.deadLetters.retry(first!.id)
    await bench.engine.ask(CLERK, READ)
    const [second] = await eventualDeadLetters(bench.engine, 1)
    expect(second).toMatchObject({ id: again, letter: { id: again, to: CLERK, body: 'a' } })
    expect(second!.id).not.toBe(first!.id)
    glasses.mended = true
    await bench.engine.deadLetters.retry(second!.id)
    expect(await bench.engine.ask(CLERK, READ)).toEqual(['a'])
  })

  test('a dead letter can be dropped', async (open) => {
    const { bench, fail } = await openClerk(open)
    await fail('a')
    await fail('b')
    const [first] = await eventualDeadLetters(bench.engine, 2)
    await bench.engine.deadLetters.drop(first!.id)
    expect(await bench.engine.deadLetters.list()).toMatchObject([{ letter: { id: 'b' } }])
    await bench.crash()
    expect(await bench.engine.deadLetters.list()).toMatchObject([{ letter: { id: 'b' } }])
  })

  test('an unknown dead letter can be neither retried nor dropped', async (open) => {
    const { bench, fail } = await openClerk(open)
    await fail('a')
    const [dead] = await eventualDeadLetters(bench.engine, 1)
    await bench.engine.deadLetters.drop(dead!.id)
    for (const id of ['never', dead!.id]) {
      await expect(bench.engine.deadLetters.retry(id)).rejects.toMatchObject({ name: 'NotFoundError' })
      await expect(bench.engine.deadLetters.drop(id)).rejects.toMatchObject({ name: 'NotFoundError' })
    }
  })
}
