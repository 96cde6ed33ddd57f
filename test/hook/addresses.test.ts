import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { defineWorkflow, start } from '../../src/index.ts'
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
