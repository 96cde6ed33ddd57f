import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineWorkflow, type Workflow } from '../../src/index.ts'
import { until } from '../../src/testing/index.ts'
import { addresses, openFolder, order, strict } from './other-code.ts'

const changed = () => order({ step: 'another' })

describe('a delivery whose code is not here', () => {
  it.each([
    ['changed', changed],
    ['gone', () => defineWorkflow({ name: 'other', input: z.object({}), run: async () => 1 }) as unknown as Workflow],
  ])('is kept, and counts when the code that was %s comes back', async (_, other) => {
    const open = await openFolder()
    const first = await open(order())
    const [url] = (await first.addressesOf(order(), 'o')) as [string]
    const second = await open(other())
    expect(await second.post(url, { cents: 100 })).toEqual([202, 'signalled'])
    expect(await second.post(url, { cents: 100 })).toEqual([202, 'signalled'])
    expect(await second.post(url, { cents: 900 })).toEqual([202, 'signalled'])
    expect(JSON.stringify(await second.waitsForCode('o'))).toContain('"type":"code"')
    const [item] = await second.runtime.inbox.list({ run: 'o', content: 'whole' })
    expect(item).toMatchObject({ arrived: [{ value: { cents: 100 } }, { value: { cents: 900 } }] })
    const third = await open(order())
    expect(await third.ended('o')).toMatchObject({ status: 'completed', outputs: { result: [{ cents: 100 }] } })
    expect(await third.post(url, { cents: 100 })).toEqual([202, 'repeated'])
  })

  it('counts later although it was refused before', async () => {
    const open = await openFolder()
    const first = await open(order({ schema: strict as never }))
    const [url] = (await first.addressesOf(order({ schema: strict as never }), 'o')) as [string]
    expect(await first.post(url, { cents: 100 })).toEqual([400, 'bad_value'])
    expect(await first.post(url, { cents: 100 })).toEqual([400, 'bad_value'])
    const second = await open(order())
    expect(await second.post(url, { cents: 100 })).toEqual([202, 'signalled'])
    expect(await second.ended('o')).toMatchObject({ outputs: { result: [{ cents: 100 }] } })
  })

  it('stays for a person if it does not fit the code that came, and is judged again by other code', async () => {
    const open = await openFolder()
    const first = await open(order())
    const [url] = (await first.addressesOf(order(), 'o')) as [string]
    const second = await open(changed())
    expect(await second.post(url, { cents: 100 })).toEqual([202, 'signalled'])
    const third = await open(order({ schema: strict as never }))
    const item = await until(async () => {
      const [found] = await third.runtime.inbox.list({ run: 'o' })
      return found && 'arrived' in found && found.arrived?.[0]?.problem !== undefined && found
    })
    expect(item).toMatchObject({ kind: 'signal', arrived: [{ problem: expect.stringContaining('by') }] })
    await expect.poll(() => third.runtime.runs.list()).toMatchObject([{ status: 'waiting' }])
    const fourth = await open(order())
    expect(await fourth.ended('o')).toMatchObject({ outputs: { result: [{ cents: 100 }] } })
  })

  it('fills no more than 16 places of a wait, and 100 or 128 KiB of a run', async () => {
    const open = await openFolder()
    const many = order({ waits: 9 })
    const first = await open(many)
    const urls = await first.addressesOf(many, 'o', 9)
    const large = await first.addressesOf(many, 'p', 9)
    const second = await open(order({ waits: 9, step: 'another' }))
    const full = [503, 'busy', '1']
    for (const url of urls.slice(0, 6)) {
      for (let n = 0; n < 16; n++) expect(await second.post(url, { cents: n })).toEqual([202, 'signalled'])
      expect(await second.post(url, { cents: 16 })).toEqual(full)
      expect(await second.post(url, { cents: 15 })).toEqual([202, 'signalled'])
    }
    for (const url of urls.slice(6, 8))
      for (let n = 0; n < 2; n++) expect(await second.post(url, { cents: n })).toEqual([202, 'signalled'])
    expect(await second.post(urls[8]!, { cents: 0 })).toEqual(full)
    const text = 'x'.repeat(31 * 1024)
    for (const url of large.slice(0, 4)) expect(await second.post(url, { text })).toEqual([202, 'signalled'])
    expect(await second.post(large[4]!, { text })).toEqual(full)
    expect(await second.post(large[4]!, { text: 'x'.repeat(33 * 1024) })).toEqual([413, 'too_large'])
  })

  it('finds 410 when its run was cancelled, although a step of it still cleans up', async () => {
    const open = await openFolder()
    const gate = Promise.withResolvers<void>()
    const tidy = defineWorkflow({
      name: 'tidy',
      input: z.object({}),
      async run(ctx) {
        const payment = ctx.signal('paid', { url: true })
        await ctx.step('ask', () => void addresses.push(payment.url))
        try {
          return await payment
        } finally {
          await ctx.step('tidy', () => gate.promise)
        }
      },
    }) as unknown as Workflow
    const { app, post, addressesOf, ended } = await open(tidy)
    const [url] = (await addressesOf(tidy, 'o')) as [string]
    await app.runs.cancel('o', 'enough')
    await until(async () => (await app.runs.get('o')).steps.tidy !== undefined)
    expect(await post(url, { cents: 1 })).toEqual([410, 'signal_address_over'])
    gate.resolve()
    expect(await ended('o')).toMatchObject({ status: 'cancelled' })
    expect(await post(url, { cents: 1 })).toEqual([410, 'signal_address_over'])
  })
})

it('a run whose code does not fit waits for code, although nothing has come for it', async () => {
  const open = await openFolder()
  const first = await open(order())
  await first.addressesOf(order(), 'o')
  await until(async () => (await first.runtime.runs.list())[0]!.status === 'waiting')
  for (const other of [
    changed(),
    defineWorkflow({ name: 'other', input: z.object({}), run: async () => 1 }) as unknown as Workflow,
  ]) {
    const next = await open(other)
    expect(JSON.stringify(await next.waitsForCode('o'))).toContain('"type":"code"')
    const [run] = await next.runtime.runs.list({ details: true })
    expect(run).toMatchObject({
      status: 'waiting',
      details: { stands: { says: expect.stringContaining('other code') } },
    })
    const back = await open(order())
    await until(async () => (await back.runtime.runs.list())[0]!.waitsFor === undefined)
  }
})

it('two answers at one moment: the second is judged if the first one does not fit', async () => {
  const open = await openFolder()
  const { post, addressesOf, ended } = await open(order())
  const [url] = (await addressesOf(order(), 'o')) as [string]
  const [bad, ...good] = await Promise.all([
    post(url, { cents: 'many' }),
    post(url, { cents: 1 }),
    post(url, { cents: 2 }),
  ])
  // requests side by side may arrive in any order
  expect([
    [400, 'bad_value'],
    [202, 'repeated'],
  ]).toContainEqual(bad)
  const cents = 1 + good.findIndex(([, status]) => status === 'signalled')
  expect(good[2 - cents]).toEqual([202, 'repeated'])
  expect(await ended('o')).toMatchObject({ outputs: { result: [{ cents }] } })
})

describe('a sender with an id', () => {
  it('repeats what was refused when the code is mended, and what was taken changes nothing', async () => {
    const open = await openFolder()
    const id = 'sender-1'
    const first = await open(order({ schema: strict as never }))
    await first.addressesOf(order({ schema: strict as never }), 'o')
    for (let n = 0; n < 2; n++)
      await expect(first.runtime.runs.signal('o', 'wait-paid-0', { cents: 1 }, { id })).rejects.toMatchObject({
        code: 'bad_value',
      })
    const second = await open(changed())
    for (let n = 0; n < 2; n++)
      expect(await second.runtime.runs.signal('o', 'wait-paid-0', { cents: 1 }, { id })).toEqual({ status: 'kept' })
    const third = await open(order())
    expect(await third.ended('o')).toMatchObject({ outputs: { result: [{ cents: 1 }] } })
    const late = third.runtime.runs.signal('o', 'wait-paid-0', { cents: 2 }, { id })
    await expect(late).rejects.toMatchObject({ code: 'id_taken' })
  })

  it('gets the reply to its own signal', async () => {
    const open = await openFolder()
    const { addressesOf, runtime } = await open(order({ waits: 2 }))
    await addressesOf(order({ waits: 2 }), 'o', 2)
    const send = (cents: number, id: string) => runtime.runs.signal('o', 'wait-paid-0', { cents }, { id })
    const both = await Promise.all([send(1, 'a'), send(1, 'a'), send(2, 'b')])
    expect(both).toEqual([{ status: 'taken' }, { status: 'taken' }, { status: 'late' }])
    expect(await send(1, 'a')).toEqual({ status: 'taken' })
  })
})

it('a parked value is shown to those who may answer, and goes with its run', async () => {
  const open = await openFolder()
  const first = await open(order())
  const [url] = (await first.addressesOf(order(), 'o')) as [string]
  const { app, post, runtime } = await open(changed())
  expect(await post(url, { cents: 1 })).toEqual([202, 'signalled'])
  expect((await runtime.inbox.list({ run: 'o' }))[0]).toHaveProperty('arrived', [{ at: expect.any(Number) }])
  const partsOf = async () => {
    const names: string[] = []
    for await (const [name] of runtime.engine.view.parts({ kind: 'step', key: 'o.wait-paid-0' })) names.push(name)
    return names.filter((name) => name.startsWith('parked/'))
  }
  expect(await partsOf()).toEqual(['parked/0'])
  await app.runs.cancel('o', 'enough')
  await until(async () => (await app.runs.get('o')).completed_at !== null)
  await expect.poll(partsOf).toEqual([])
  expect(await post(url, { cents: 1 })).toEqual([410, 'signal_address_over'])
})

it('signals of one name that were parked go to one wait each, in their order', async () => {
  const open = await openFolder()
  const three = (step: string) =>
    defineWorkflow({
      name: 'three',
      input: z.object({}),
      async run(ctx) {
        await ctx.step(step, () => 1)
        const got: unknown[] = []
        for (let n = 0; n < 3; n++) got.push(await ctx.signal('paid', { schema: z.number() }))
        return got
      },
    }) as unknown as Workflow
  const first = await open(three('ask'))
  await first.app.start(three('ask') as never, {} as never, { id: 'o' })
  await until(async () => (await first.runtime.inbox.list({ run: 'o' })).length === 1)
  const { runtime } = await open(three('another'))
  for (const [n, value] of ['x', 1, 2, 3].entries())
    expect(await runtime.runs.signal('o', 'paid', value, { id: `i${n}` })).toEqual({ status: 'kept' })
  const { ended } = await open(three('ask'))
  expect(await ended('o')).toMatchObject({ outputs: { result: [1, 2, 3] } })
})
