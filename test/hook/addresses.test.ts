import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { whyLines } from '../../src/cli/commands/inspect/why.ts'
import { sealedColors } from '../../src/cli/terminal/escape.ts'
import type { KeyScope } from '../../src/house/scope.ts'
import { scopedRuntime } from '../../src/http/authorize/scoped-runtime.ts'
import { defineWorkflow, start } from '../../src/index.ts'
import { sayWhy } from '../../src/runtime/inspect/say-why.ts'
import type { ServedRuntime } from '../../src/runtime/ports.ts'
import { until } from '../../src/testing/index.ts'
import { makeFolder } from '../http/program/folder.ts'
import { unreadRequest } from '../http/unread.ts'

const paid = z.object({ cents: z.number() })

/** A program whose workflow gives an address away, and waits there. */
async function openShop(yaml = 'serve: { publicUrl: "https://shop.example/" }\n') {
  const given: string[] = []
  const order = defineWorkflow({
    name: 'order',
    input: z.object({ timeout: z.number().optional() }),
    async run(ctx, { timeout }) {
      const payment = ctx.signal('paid', { url: true, schema: paid, ...(timeout !== undefined && { timeout }) })
      await ctx.step('ask', () => void given.push(payment.url))
      return payment.catch((error: Error) => error.name)
    },
  })
  const folder = await makeFolder()
  await writeFile(join(folder, 'antiphon.yaml'), `embedder: none\ndurability: process\n${yaml}`)
  const open = () => start({ folder, workflows: [order], notice: () => {} })
  const app = await open()
  onTestFinished(() => app.stop({ grace: 0 }))
  const handle = app.handler({ owner: () => null })
  async function post(url: string, body: string, type = 'application/json') {
    const response = await handle(new Request(url, { method: 'POST', body, headers: { 'content-type': type } }))
    const { code, status } = (await response.json()) as { code?: string; status?: unknown }
    return [response.status, code ?? status]
  }
  const addressOf = async (id: string, input = {}) => {
    const count = given.length
    const run = await app.start(order, input, { id })
    const url = await until(() => given[count])
    // a step tells it, and its end comes later
    await until(async () => (await app.runs.get(id)).status !== 'running')
    return { run, url }
  }
  return { app, handle, post, addressOf, given }
}

it('a machine sends its JSON to the address of a wait once, and the schema checks it', async () => {
  const { post, addressOf } = await openShop()
  const { run, url } = await addressOf('order-7')
  expect(url).toMatch(/^https:\/\/shop\.example\/v1\/signals\/order-7\/wait-paid\/[\w-]{43}$/)
  expect(await post(url, '{"cents":"many"}')).toEqual([400, 'bad_value'])
  expect(await post(url, '{"cents":100}')).toEqual([202, 'signalled'])
  expect(await run.result()).toEqual({ cents: 100 })
  expect(await post(url, '{"cents":100}')).toEqual([202, 'repeated'])
  expect(await post(url, '{"cents":900}')).toEqual([202, 'repeated'])
  expect(await run.result()).toEqual({ cents: 100 })
})

it('a guess, a huge body, no JSON and a late sender are refused', async () => {
  const { post, addressOf } = await openShop()
  const { run, url } = await addressOf('order-8')
  const other = (await addressOf('order-9')).url
  const token = (of: string) => of.split('/').at(-1)!
  for (const guess of [
    `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`,
    url.replace(token(url), token(other)),
    url.replace(token(url), ''.padEnd(43, 'é')),
    url.replace('order-8', 'order-0'),
    url.replace('wait-paid', 'ask'),
  ])
    expect(await post(guess, '{"cents":1}')).toEqual([404, 'not_found'])
  expect(await post(url, `"${'x'.repeat(2 ** 20)}"`)).toEqual([413, 'too_large'])
  expect(await post(url, `"${'x'.repeat(40_000)}"`)).toEqual([413, 'too_large'])
  expect(await post(url, 'no json')).toEqual([400, 'invalid_input'])
  expect(await post(url, '{"cents":1}', 'text/plain')).toEqual([415, 'unsupported_type'])
  const { run: brief, url: late } = await addressOf('order-10', { timeout: 1 })
  expect(await brief.result()).toBe('TimeoutError')
  expect(await post(late, '{"cents":1}')).toEqual([410, 'signal_address_over'])
  await run.cancel('enough')
  await expect(run.result()).rejects.toThrow('enough')
  expect((await post(url, '{"cents":1}'))[0]).toBeGreaterThanOrEqual(400)
})

it('reads no body for a wrong token or an unknown hook', async () => {
  const { handle, addressOf } = await openShop()
  const { url } = await addressOf('order-12')
  const wrong = `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`
  const opened = async (address: string) => {
    const { request, isRead } = unreadRequest(address)
    const { status } = await handle(request)
    return [status, isRead()]
  }
  expect(await opened(wrong)).toEqual([404, false])
  expect(await opened('https://shop.example/v1/hooks/none')).toEqual([404, false])
  expect(await opened(url)).toEqual([202, true])
})

it('a server without a public address says so at the wait', async () => {
  const { app } = await openShop('')
  const run = await app.start({ name: 'order' } as never, {} as never, { id: 'order-11' })
  await expect(run.result()).rejects.toMatchObject({ hint: expect.stringContaining('publicUrl') })
})

describe('a wait for a machine', () => {
  const open = async () => {
    const shop = await openShop()
    const { url } = await shop.addressOf('order-13')
    const runtime = shop.app.runtime as ServedRuntime
    const as = (...scopes: readonly KeyScope[]) =>
      scopedRuntime(runtime, { owner: 'local', key: 'k', scopes, local: false })
    const waits = () => until(async () => (await runtime.runs.get('order-13')).status === 'waiting')
    await waits()
    return { ...shop, url, runtime, as, waits }
  }

  it('is no item of the inbox, and its run says what it waits for', async () => {
    const { runtime } = await open()
    expect(await runtime.inbox.list()).toEqual([])
    const run = await runtime.runs.get('order-13')
    expect(run).toMatchObject({ status: 'waiting' })
    expect(run.steps['wait-paid']).toMatchObject({ status: 'waiting', waits_for: 'signal:wait-paid' })
    expect(run.steps['wait-paid']).not.toHaveProperty('to_go_on')
    expect(await runtime.runs.list({ status: 'waiting' })).toMatchObject([{ id: 'order-13' }])
    const why = await runtime.inspector.why('run/order-13')
    expect(why.waitsFor[0]!.holds).toMatchObject([{ type: 'signal', name: 'wait-paid', run: 'order-13', url: true }])
    expect(sayWhy(why)?.says).toContain('waits for a machine')
    const lines = whyLines(why, { now: 0, colors: sealedColors(false), command: (...words) => words.join(' ') }).join(
      '\n',
    )
    expect(lines).toContain('signal order-13 wait-paid JSON')
    expect(lines).not.toContain('inbox')
  })

  it('is answered by a person only with the scope admin, and by a program', async () => {
    const { as, runtime, waits } = await open()
    for (const scopes of [['run'], ['run', 'approve']] as const)
      await expect(as(...scopes).runs.signal('order-13', 'wait-paid', { cents: 1 })).rejects.toMatchObject({
        code: 'scope_missing',
        message: expect.stringContaining('admin'),
      })
    // its run hears of the refusal a moment later
    await waits()
    await as('admin').runs.signal('order-13', 'wait-paid', { cents: 2 })
    await until(async () => (await runtime.runs.get('order-13')).status === 'completed')
  })

  it('takes the signal of a program', async () => {
    const { runtime } = await open()
    expect(await runtime.runs.signal('order-13', 'wait-paid', { cents: 3 })).toMatchObject({ status: 'taken' })
    await until(async () => (await runtime.runs.get('order-13')).status === 'completed')
  })
})
