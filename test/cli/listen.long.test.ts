import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { openServing } from './held.ts'

type Serving = ReturnType<typeof openServing>

/** A server that listens on a free port, and what asks it. */
async function openListening(serving: Serving, ...args: readonly string[]) {
  const running = await serving.serve('--listen', '0', ...args)
  const { url } = serving.owner()!
  const ask = (path: string, token?: string, init: RequestInit = {}) =>
    fetch(`${url}/v1${path}`, {
      ...init,
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), 'content-type': 'application/json' },
    })
  return { running, url, ask }
}

async function makeKey({ run }: Serving, ...args: readonly string[]): Promise<string> {
  return (await run('keys', 'api', 'create', 'test', ...args)).out.trim()
}

it('serve --listen accepts callers with a key, and says how to create one', async () => {
  const serving = openServing()
  const { running, url, ask } = await openListening(serving)
  await running.said(`It answers at ${url}. To make a key: antiphon keys api create NAME`)
  const refused = await ask('/runs')
  expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  expect(await refused.json()).toMatchObject({ code: 'unauthenticated' })
  expect((await ask('/health')).status).toBe(200)

  const token = await makeKey(serving)
  const other = await makeKey(serving, '--owner', 'team', '--scope', 'read')
  const id = await serving.begin()
  expect(await (await ask('/runs', token)).json()).toMatchObject({ items: [{ id }] })
  expect(await (await ask('/runs', other)).json()).toMatchObject({ items: [] })
  expect((await ask(`/runs/${id}`, other)).status).toBe(404)
  expect((await ask('/status', token)).status).toBe(403)
  expect((await ask('/runs', token, { method: 'POST', body: '{"file":"/x.yaml"}' })).status).toBe(403)
  expect((await serving.run('doctor')).out).toContain(`answers at ${url}`)
  const audit = await serving.run('keys', 'audit', '--json')
  expect(JSON.parse(audit.out)).toMatchObject([
    { owner: 'local', method: 'POST', route: '/v1/runs', status: 403, address: '127.0.0.1' },
  ])
})

it('serve --listen at SIGTERM refuses new work, ends streams, and its work is resumed by the next process', async () => {
  const serving = openServing()
  const { running, ask } = await openListening(serving, '--grace', '5')
  const token = await makeKey(serving)
  const id = await serving.begin()
  const stream = await ask(`/runs/${id}/events`, token)
  expect(stream.status).toBe(200)
  serving.signal('SIGTERM')
  await running.said('Stopping')
  const refused = await ask('/runs', token)
  expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([503, expect.any(Number)])
  expect((await ask('/health')).status).toBe(200)
  await expect(stream.text()).rejects.toThrow()
  expect((await running.ended).code).toBe(1)

  serving.write('go')
  const next = await openListening(serving)
  const events = await (await next.ask(`/runs/${id}/events`, token)).text()
  expect(events).toContain('"type":"run-end","status":"completed"')
})

it('serve --no-auth accepts callers on this machine', async () => {
  const { running, url, ask } = await openListening(openServing(), '--no-auth')
  await running.said(`It answers at ${url}. No key is needed`)
  expect((await ask('/status')).status).toBe(200)
  expect((await ask('/backup', undefined, { method: 'POST', body: '{"file":"/x"}' })).status).toBe(403)
})

it('serve says where it cannot listen', async () => {
  const serving = openServing()
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as { readonly port: number }
  for (const [args, says] of [
    [['--listen', String(port)], `cannot listen on ${port}: another process uses this address`],
    [['--listen', '192.0.2.1:0'], 'this machine has no such address'],
    [['--listen', 'somewhere'], 'Expected an address to listen on'],
    [['--listen', '0.0.0.0:0', '--no-auth'], 'Without keys, 0.0.0.0 is open to everyone'],
    [['--listen', '[::]:0', '--no-auth'], 'Without keys, :: is open'],
    [['--no-auth'], '--no-auth needs --listen'],
  ] as const)
    expect(await serving.run('serve', ...args)).toMatchObject({ code: 2, err: expect.stringContaining(says) })
})
