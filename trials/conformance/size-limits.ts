import { expect } from 'vitest'
import { KERNEL_LIMITS } from '../../src/kernel/limits.ts'
import type { Json } from '../../src/kernel/schema.ts'
import type { Turn } from '../../src/kernel/types.ts'
import { until } from '../../src/testing/until.ts'
import { actor, eventualDeadLetters, RECORDER, range, recorderActor, ref, takeFirst } from './actors.ts'
import type { DefineTest } from './harness.ts'

const MAKER = ref('maker')
const KIB = 1024
const text = (kib: number) => 'ä'.repeat(kib * KIB)
type Sizes = { readonly [what: string]: number }

const turns: { readonly [what: string]: (size: number) => Turn<Json> } = {
  state: (size) => ({ state: text(size) }),
  part: (size) => ({ parts: { big: text(size) } }),
  send: (size) => ({ send: [{ to: RECORDER, body: text(size) }] }),
  event: (size) => ({ events: [text(size)] }),
  timer: (size) => ({ timers: { big: { delay: 3_600_000, body: text(size) } } }),
  reply: (size) => ({ reply: text(size) }),
  sends: (count) => ({ send: range(count).map((body) => ({ to: RECORDER, body })) }),
  index: (count) => ({ index: Object.fromEntries(range(count).map((n) => [`field${n}`, n])) }),
}

/** Produces one thing of the requested size. */
const maker = () =>
  actor('maker', '' as Json, async (_state, message: Sizes, effects) => {
    const [what, size] = Object.entries(message)[0]!
    if (what !== 'effect') return { reply: true, ...turns[what]!(size) }
    await effects.run('big', () => text(size))
    return { reply: true }
  })

/** Values above a limit are rejected with an error that names them; values just below it are stored completely. */
export function size(test: DefineTest): void {
  const tooLarge = { state: 65, part: 257, send: 257, event: 257, timer: 257, reply: 257, effect: 257 }
  for (const [what, kib] of Object.entries(tooLarge)) {
    test(`${what} of ${kib} KiB is refused as too_large and changes nothing`, async (open) => {
      const { engine } = await open([maker(), recorderActor()])
      await expect(engine.ask(MAKER, { [what]: kib })).rejects.toMatchObject({ code: 'too_large' })
      expect(await eventualDeadLetters(engine, 1)).toMatchObject([{ problem: { code: 'too_large' } }])
      expect(await engine.view.peek(MAKER)).toBeUndefined()
      expect(await engine.ask(MAKER, { state: 1 })).toBe(true)
    })
  }

  for (const [what, count] of Object.entries({ sends: KERNEL_LIMITS.sends + 1, index: KERNEL_LIMITS.index + 1 })) {
    test(`${count} ${what} are refused`, async (open) => {
      const { engine } = await open([maker(), recorderActor()])
      await expect(engine.ask(MAKER, { [what]: count })).rejects.toMatchObject({ code: 'invalid_input' })
      expect(await engine.view.peek(RECORDER)).toBeUndefined()
      expect(await engine.view.list('maker')).toEqual([])
    })
  }

  test('a state that JSON cannot represent is rejected, and the error names the type', async (open) => {
    const odd = actor('odd', {}, () => ({ state: { words: new Set(['one']) } as unknown as Json, reply: null }))
    const { engine } = await open([odd])
    const refused = { name: 'InvalidError', message: expect.stringContaining('Set') }
    await expect(engine.ask(ref('odd'), null)).rejects.toMatchObject(refused)
    expect(await engine.view.peek(ref('odd'))).toBeUndefined()
  })

  test('a message body of 257 KiB is rejected at once', async (open) => {
    const { engine } = await open([recorderActor()])
    await expect(engine.tell(RECORDER, text(257))).rejects.toMatchObject({ code: 'too_large' })
    await expect(engine.ask(RECORDER, text(257))).rejects.toMatchObject({ code: 'too_large' })
    expect(await engine.deadLetters.list()).toEqual([])
  })

  test('a value of the maximum size comes back whole, even after a crash', async (open) => {
    const bench = await open([maker(), recorderActor()])
    for (const message of [{ part: 255 }, { event: 255 }, { effect: 255 }, { state: 63 }] as Sizes[]) {
      expect(await bench.engine.ask(MAKER, message)).toBe(true)
    }
    expect(await bench.engine.ask(MAKER, { reply: 255 })).toBe(text(255))
    await bench.crash()
    expect(await bench.engine.view.peek(MAKER)).toBe(text(63))
    expect(await takeFirst(bench.engine.view.parts(MAKER))).toEqual([['big', text(255)]])
    expect(await takeFirst(bench.engine.view.events(MAKER), 1)).toMatchObject([{ n: 1, body: text(255) }])
  })

  test('256 messages from one turn all arrive, in order', async (open) => {
    const { engine } = await open([maker(), recorderActor()])
    await engine.ask(MAKER, { sends: 256 })
    const seen = await until(async () => {
      const now = (await engine.view.peek(RECORDER)) as Json[] | undefined
      return now && now.length >= 256 && now
    })
    expect(seen).toEqual(range(256))
  })
}
