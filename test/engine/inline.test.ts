import { describe, expect, it } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { inlineDisk } from '../../src/engine/inline/disk.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { gate, inlineOpener, simulatedClock, until } from '../../src/testing/index.ts'
import { actor, READ, range, recorderActor, ref } from '../../trials/conformance/actors.ts'
import { exerciseEngine } from '../../trials/conformance.ts'

exerciseEngine({ name: 'inline engine', open: inlineOpener() })

exerciseEngine({ name: 'inline engine, seeded', open: inlineOpener({ seed: 42 }) })

describe('the order in which ready actors take their turns', () => {
  const run = async (seed: number | undefined): Promise<readonly string[]> => {
    const order: string[] = []
    const runner = actor('runner', 0, (count, _message, { self }) => {
      order.push(`${self.key}${count}`)
      return { state: count + 1 }
    })
    const engine = inlineEngine({ actors: [runner], ...(seed !== undefined && { seed }) })
    const told = ['a', 'b', 'c', 'd'].flatMap((key) => range(5).map(() => engine.tell(ref('runner', key), null)))
    await Promise.all(told)
    await until(() => order.length === 20)
    return order
  }

  it('is that of their becoming ready, without a seed', async () => {
    expect((await run(undefined)).slice(0, 4)).toEqual(['a0', 'b0', 'c0', 'd0'])
  })

  it('is the same for a seed and another for another', async () => {
    const [first, same, other] = [await run(7), await run(7), await run(8)]
    expect(same).toEqual(first)
    expect(other).not.toEqual(first)
  })

  it('never changes the order within an actor', async () => {
    for (const seed of range(10)) {
      const order = await run(seed)
      for (const key of ['a', 'b', 'c', 'd']) {
        expect(order.filter((turn) => turn.startsWith(key))).toEqual(range(5).map((n) => `${key}${n}`))
      }
    }
  })
})

describe('the clock of retries', () => {
  it('an effect is tried again when its pause is over, not before', async () => {
    const clock = simulatedClock()
    const attempts: number[] = []
    const flaky = actor(
      'flaky',
      null,
      async (_state, _message, effects) => {
        await effects.run('work', ({ attempt }) => {
          attempts.push(attempt)
          if (attempt < 3) throw new Error('not yet')
        })
        return { reply: true }
      },
      { supervise: ({ attempt }) => ({ type: 'retry', delay: attempt * 1_000 }) },
    )
    const engine = inlineEngine({ actors: [flaky], clock })
    const asked = engine.ask(ref('flaky'), null)
    await clock.advance(999)
    expect(attempts).toEqual([1])
    await clock.advance(1)
    expect(attempts).toEqual([1, 2])
    await clock.advance(1_999)
    expect(attempts).toEqual([1, 2])
    await clock.advance(1)
    expect(await asked).toBe(true)
  })

  it('by default there are six attempts, then a dead letter', async () => {
    const clock = simulatedClock()
    let attempts = 0
    const broken = actor('broken', null, async (_state, _message, effects) => {
      await effects.run('work', () => {
        attempts++
        throw new Error('still broken')
      })
      return {}
    })
    const engine = inlineEngine({ actors: [broken], clock })
    const asked = expect(engine.ask(ref('broken'), null)).rejects.toThrow('still broken')
    await clock.advance(120_000)
    await asked
    expect(attempts).toBe(6)
    expect(await engine.deadLetters.list()).toHaveLength(1)
  })
})

describe('stored values', () => {
  it('nothing about a message without an id, once it is taken', async () => {
    const disk = inlineDisk()
    const engine = inlineEngine({ actors: [recorderActor()], disk })
    await Promise.all(range(100).map((n) => engine.tell(ref('recorder'), n)))
    expect(await engine.ask(ref('recorder'), READ)).toHaveLength(100)
    expect([disk.mail.size, disk.known.size, disk.outcomes.size]).toEqual([0, 0, 0])
  })

  it('the ids of the last 24 hours only', async () => {
    const disk = inlineDisk()
    const clock = simulatedClock()
    const engine = inlineEngine({ actors: [recorderActor()], disk, clock })
    await engine.tell(ref('recorder'), 1, { id: 'old' })
    await clock.advance(24 * 3_600_000)
    await engine.tell(ref('recorder'), 2, { id: 'old' })
    await engine.tell(ref('recorder'), 3, { id: 'young' })
    await clock.advance(1)
    await engine.tell(ref('recorder'), 4, { id: 'old' })
    expect([...disk.known.keys()]).toEqual(['young', 'old'])
    expect(await engine.ask(ref('recorder'), READ)).toEqual([1, 3, 4])
  })
})

describe('values that readers get', () => {
  it('a state cannot be changed by whoever looks at it', async () => {
    const engine = inlineEngine({ actors: [recorderActor()] })
    await engine.ask(ref('recorder'), { a: 1 })
    const state = (await engine.view.peek(ref('recorder'))) as Json[]
    expect(() => state.push('b')).toThrow(TypeError)
    expect(await engine.ask(ref('recorder'), READ)).toEqual([{ a: 1 }])
  })
})

describe('a stop with grace', () => {
  it('does not wait for a turn that hangs outside of any effect', async () => {
    const hold = gate()
    const stuck = actor('stuck', null, async () => {
      await hold.pass()
      return { state: null }
    })
    const engine: Engine = inlineEngine({ actors: [stuck] })
    await engine.tell(ref('stuck'), null)
    await hold.started
    await engine.stop({ grace: 1 })
    hold.release()
    expect(await engine.view.peek(ref('stuck'))).toBeUndefined()
  })
})
