import { expect, it } from 'vitest'
import { z } from 'zod'
import { accessActors } from '../../src/access/room.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { defineActor } from '../../src/kernel/turn.ts'
import { simulatedClock } from '../../src/testing/clock.ts'

const LINK = { kind: 'link', key: 'l1' }
const RUN = { kind: 'run', key: 'r1' }
const REQUEST = {
  type: 'create',
  run: 'r1',
  signal: 'go',
  kind: 'webhook',
  owner: 'team',
  hash: 'f'.repeat(64),
  ttl: 60_000,
}

/** Takes any signal but `wrong`, and tells what it took. */
const run = defineActor<Json[], { type: string; value?: Json }>({
  kind: 'run',
  message: z.looseObject({ type: z.string() }) as never,
  initial: () => [],
  receive(taken, { type, value = null }) {
    if (type === 'expire') return { stop: true }
    if (type === 'begin') return { state: taken, reply: true }
    if (value === 'wrong') return { refuse: { code: 'bad_value', name: 'InvalidError', message: 'no', terminal: true } }
    return { state: [...taken, value], reply: { status: 'taken' } }
  },
})

async function openLink() {
  const clock = simulatedClock()
  const engine = inlineEngine({ actors: [...accessActors(), run], clock })
  await engine.ask(RUN, { type: 'begin' })
  await engine.ask(LINK, REQUEST)
  const use = (value: Json, hash = REQUEST.hash) => engine.ask(LINK, { type: 'use', hash, value })
  return { clock, engine, use, taken: () => engine.view.peek(RUN) }
}

it('sends its signal once', async () => {
  const { use, taken } = await openLink()
  expect(await use({ n: 1 })).toEqual({ status: 'taken' })
  await expect(use({ n: 2 })).rejects.toMatchObject({ code: 'link_used' })
  expect(await taken()).toEqual([{ n: 1 }])
})

it('is used by one of two that come at once', async () => {
  const { use, taken } = await openLink()
  const both = await Promise.allSettled([use(1), use(2)])
  expect(both).toMatchObject([{ value: { status: 'taken' } }, { reason: { code: 'link_used' } }])
  expect(await taken()).toEqual([1])
})

it('stays open after what the run refuses', async () => {
  const { use, taken } = await openLink()
  await expect(use('wrong')).rejects.toMatchObject({ code: 'bad_value' })
  expect(await use('right')).toEqual({ status: 'taken' })
  expect(await taken()).toEqual(['right'])
})

it('cannot be used without its token', async () => {
  const { engine, use, taken } = await openLink()
  await expect(use(1, 'e'.repeat(64))).rejects.toMatchObject({ code: 'not_found' })
  const other = engine.ask({ kind: 'link', key: 'none' }, { type: 'use', hash: REQUEST.hash, value: 1 })
  await expect(other).rejects.toMatchObject({ code: 'not_found' })
  await engine.tell(LINK, { status: 'taken' })
  expect(await taken()).toEqual([])
  expect(await use(1)).toEqual({ status: 'taken' })
})

it.each<[string, (opened: Awaited<ReturnType<typeof openLink>>) => Promise<unknown>]>([
  ['its time is over', ({ clock }) => clock.advance(60_000)],
  ['its run goes', ({ engine, clock }) => engine.tell(RUN, { type: 'expire' }).then(() => clock.advance(1))],
])('goes when %s', async (_, end) => {
  const opened = await openLink()
  expect(await opened.engine.view.list('link')).toHaveLength(1)
  await end(opened)
  await expect(opened.use(1)).rejects.toMatchObject({ code: 'not_found' })
  expect(await opened.engine.view.inspect({ kind: 'link' })).toEqual([])
})

it('lists show neither its hash nor its users', async () => {
  const { engine } = await openLink()
  const [{ index } = { index: {} }] = await engine.view.list('link')
  expect(Object.keys(index).sort()).toEqual(['createdAt', 'expiresAt', 'kind', 'owner', 'run', 'signal'])
})
