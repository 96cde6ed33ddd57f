import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { until } from '../../src/testing/until.ts'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

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
  const [shared = '', hono = '', express = '', next = '', whole = ''] = blocksIn(await read('docs/serving.md'), 'ts')
  const folder = await openProgramFolder(OTHERS)
  await writeFile(join(folder, 'ai.mts'), shared)
  const port = await freePort()
  const moved = (source: string) => source.replaceAll('3000', String(port))
  return { folder, port, hono: moved(hono), express: moved(express), next, whole: moved(whole) }
}

async function startProgram(folder: string, source: string): Promise<void> {
  await writeFile(join(folder, 'site.mts'), source)
  const program = join(folder, 'site.mts')
  const child = spawn(process.execPath, ['--import', join(folder, 'hooks.mjs'), program], {
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
    const answered = await until(() => fetch(base + path, { ...init, headers }).catch(() => undefined))
    expect([answered.status, await answered.json()]).toEqual([200, expect.objectContaining({ id: 'mail-9311', n: 1 })])
    const [, stream = ''] = /EventSource\('(.*)'\)/.exec(front)!
    const leaving = new AbortController()
    const events = await fetch(base + stream, { headers, signal: leaving.signal })
    const { value } = await events.body!.getReader().read()
    expect(new TextDecoder().decode(value)).toContain('retry: 1000')
    leaving.abort()
    expect((await fetch(base + path, init)).status).toBe(401)
  })

it('the route of Next.js and the whole API are as the page says', async () => {
  const { folder, next, whole } = await openPage()
  await writeFile(join(folder, 'route.mts'), next)
  const asks = `import { POST } from './route.mts'
const answered = await POST(new Request('https://shop.example/ai/v1/agents/support/goals', {
  method: 'POST',
  headers: { cookie: 'session=7d0f', 'content-type': 'application/json' },
  body: JSON.stringify({ goal: 'Say hello.' }),
}))
console.log(answered.status, answered.headers.get('location')?.slice(0, 13))
process.exit()`
  expect(await runProgram(folder, asks)).toMatchObject({ code: 0, out: '202 /ai/v1/goals/\n' })
  expect(await runProgram(folder, `${whole}\nprocess.exit()`)).toMatchObject({ code: 0, out: '200\n' })
})
