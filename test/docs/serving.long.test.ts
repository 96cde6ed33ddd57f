import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../../src/testing/until.ts'
import { AS_SOURCES } from '../as-sources.ts'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

/** A server starts slowly where the cores are busy. */
const STARTS_MS = 120_000
const OTHERS = ['express', 'hono', '@hono/node-server']

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { readonly port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The programs of the page in a project that has the packages they name. */
async function openPage() {
  const [shared = '', hono = '', express = '', next = '', desk = '', whole = ''] = blocksIn(
    await read('docs/serving.md'),
    'ts',
  )
  const folder = await openProgramFolder(OTHERS)
  await writeFile(join(folder, 'ai.mts'), shared)
  const port = await freePort()
  const moved = (source: string) => source.replaceAll('3000', String(port))
  return { folder, port, hono: moved(hono), express: moved(express), next, desk, whole: moved(whole) }
}

async function startProgram(folder: string, source: string): Promise<void> {
  await writeFile(join(folder, 'site.mts'), source)
  const program = join(folder, 'site.mts')
  const child = spawn(process.execPath, [...AS_SOURCES, '--import', join(folder, 'hooks.mjs'), program], {
    cwd: folder,
    stdio: 'inherit',
  })
  onTestFinished(async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  })
}

for (const framework of ['hono', 'express'] as const)
  it(`the server of the page answers its front end (${framework})`, async () => {
    const { folder, port, ...page } = await openPage()
    await startProgram(folder, page[framework])
    const front = blocksIn(await read('docs/serving.md'), 'js')[0]!
    const [, sent = ''] = /^await fetch\(([\s\S]*?)^}\)$/m.exec(front)!
    const [path, init] = new Function(`return [${sent}}]`)() as [string, RequestInit]
    const base = `http://127.0.0.1:${port}`
    const headers = { ...init.headers, cookie: 'theme=dark; session=7d0f' }
    const answered = await until(() => fetch(base + path, { ...init, headers }).catch(() => undefined), STARTS_MS)
    expect([answered.status, await answered.json()]).toEqual([200, expect.objectContaining({ id: 'mail-9311', n: 1 })])
    const [, stream = ''] = /EventSource\('(.*)'\)/.exec(front)!
    const leaving = new AbortController()
    const events = await fetch(base + stream, { headers, signal: leaving.signal })
    const { value } = await events.body!.getReader().read()
    expect(new TextDecoder().decode(value)).toContain('retry: 1000')
    leaving.abort()
    expect((await fetch(base + path, init)).status).toBe(401)
    // what an attacker with one cookie tries first
    const pay = 'name: pay\nsteps: [{ id: a, action: generate, parameters: { prompt: Write a poem. } }]'
    for (const [at, body] of [
      ['/ai/v1/runs', { source: { name: 'pay.yaml', text: pay } }],
      ['/ai/v1/runs/run_1/approve', {}],
      ['/ai/v1/agents/support/goals', { goal: 'Go.' }],
      [path, { agent: 'support', text: 'Hi.', budget: 1000 }],
      [path, { agent: 'other', text: 'Hi.' }],
    ] as const) {
      const refused = await fetch(base + at, { method: 'POST', headers, body: JSON.stringify(body) })
      expect([at, refused.status]).toEqual([at, 403])
    }
  })

it('the route of Next.js and the whole API are as the page says', async () => {
  const { folder, next, desk, whole } = await openPage()
  await writeFile(join(folder, 'route.mts'), next)
  const asks = `import { POST } from './route.mts'
const answered = await POST(new Request('https://shop.example/ai/v1/conversations/help/messages', {
  method: 'POST',
  headers: { cookie: 'session=7d0f', 'content-type': 'application/json' },
  body: JSON.stringify({ agent: 'support', text: 'Hello.', id: 'mail-1' }),
}))
console.log(answered.status, (await answered.json()).id)
process.exit()`
  expect(await runProgram(folder, asks)).toMatchObject({ code: 0, out: '200 mail-1\n' })
  const looks = `${desk}
const seen = await desk(new Request('https://shop.example/desk/v1/inbox', { headers: { cookie: 'desk=9b1c' } }))
const sent = await desk(new Request('https://shop.example/desk/v1/runs', { method: 'POST', headers: { cookie: 'desk=9b1c', 'content-type': 'application/json' }, body: '{"pipeline":"x"}' }))
console.log(seen.status, sent.status)
process.exit()`
  expect(await runProgram(folder, looks)).toMatchObject({ code: 0, out: '200 403\n' })
  expect(await runProgram(folder, `${whole}\nprocess.exit()`)).toMatchObject({ code: 0, out: '200\n' })
})
