import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createScratch } from '../../../src/sandbox/scratch.ts'
import { until } from '../../../src/testing/until.ts'
import { findChromium, refusedForRoot } from '../../../src/tool/chromium/host.ts'
import { visitPage } from '../../../src/tool/chromium/visit.ts'
import { createWeb } from '../../../src/web/request.ts'
import { startServer } from '../../web/server.ts'
import { chromiumGap, withGap } from './available.ts'

// Chromium takes seconds to start, and several times as long where other suites use the same cores

const never = new AbortController().signal

/** A server, and visits to it. A page `/hang` has no end; its request is announced. */
async function world(pages: { readonly [path: string]: string | ((response: ServerResponse) => void) }) {
  const hanging = Promise.withResolvers<void>()
  const server = await startServer((request, response) => {
    if (request.url === '/hang') return hanging.resolve()
    const page = pages[request.url!]
    response.setHeader('content-type', 'text/html')
    if (typeof page === 'function') page(response)
    else response.writeHead(page === undefined ? 404 : 200).end(page ?? 'gone')
  })
  const web = createWeb({ allow: ['127.0.0.1'], ports: [server.port] })
  onTestFinished(() => web.close())
  const visit = (path: string, how: { timeout?: number; signal?: AbortSignal } = {}) =>
    visitPage(web, { url: server.url + path, timeout: 20_000, signal: never, ...how })
  return { ...server, visit, hanging: hanging.promise }
}

describe.skipIf(chromiumGap !== undefined)(withGap('Chromium'), () => {
  test('runs the scripts of a page, says who asks, and tells its status', async () => {
    const { seen, visit } = await world({ '/': '<title>x</title><body><script>document.body.append("ebb")</script>' })
    expect(await visit('/')).toMatchObject({ status: 200, title: 'x', html: expect.stringContaining('ebb') })
    expect(seen[0]!.headers['user-agent']).toContain('antiphon')
    expect((await visit('/none')).status).toBe(404)
  })

  test.each([
    ['a page that never answers', '/hang', { code: 'timeout' }],
    ['a script without end', '/loop', { code: 'timeout' }],
    ['too many redirects', '/r0', { code: 'too_many_redirects' }],
    ['more than fits', '/large', { code: 'response_too_large' }],
    ['a document that grows', '/grows', { code: 'response_too_large' }],
    ['a download', '/download', { code: 'invalid_input', message: 'Expected a page, got a download.' }],
  ])('ends with %s', async (_, path, error) => {
    const chunk = Buffer.alloc(1_000_000, 'x')
    const fill = (response: ServerResponse) => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', () => fill(response))
    }
    const { visit } = await world({
      '/loop': '<script>while (true);</script>',
      '/large': '<script>fetch("/endless").then((response) => response.arrayBuffer())</script>',
      '/endless': fill,
      '/grows': '<body><script>document.body.append("x".repeat(6e6))</script>',
      '/download': (response) => response.setHeader('content-disposition', 'attachment').end('x'),
      ...Object.fromEntries(
        Array.from({ length: 8 }, (_, n) => [
          `/r${n}`,
          (response: ServerResponse) => void response.writeHead(302, { location: `/r${n + 1}` }).end(),
        ]),
      ),
      '/r8': 'there',
    })
    const timeout = error.code === 'timeout' ? 2500 : 60_000
    await expect(visit(path, { timeout })).rejects.toMatchObject(error)
    await expectNothingLeft(process.pid)
  })

  test('ends when the call is cancelled', async () => {
    const { visit, hanging } = await world({})
    const stop = new AbortController()
    const visited = visit('/hang', { signal: stop.signal })
    await hanging
    stop.abort()
    await expect(visited).rejects.toMatchObject({ code: 'cancelled' })
    await expectNothingLeft(process.pid)
  })

  test.each(['SIGINT', 'SIGKILL'] as const)('leaves nothing when antiphon ends by %s', async (signal) => {
    const { url, hanging } = await world({})
    const program = fileURLToPath(new URL('./visiting.ts', import.meta.url))
    const child = spawn(process.execPath, [program, `${url}/hang`, '127.0.0.1'])
    await hanging
    const below = await descendantsOf(child.pid!)
    expect(below.length).toBeGreaterThan(3)
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
    await until(async () => (await Promise.all(below.map(isRunning))).every((runs) => !runs))
    // the next sandbox of any process removes the folder of one that is gone
    await (await createScratch()).remove()
    await expectNothingLeft(child.pid!)
  })
})

test('Chromium is refused to root without bubblewrap', () => {
  expect(refusedForRoot({ reason: 'the program bwrap is not installed', hint: 'install it' })).toMatchObject({
    code: 'sandbox_missing',
    message: 'Chromium runs as root only in bubblewrap, and the program bwrap is not installed',
  })
})

test('without Chromium the error says how to install it', async () => {
  await expect(findChromium({ path: '/nowhere', names: ['chromium'] })).rejects.toMatchObject({
    code: 'browser_missing',
    message: 'Chromium is not installed.',
    hint: expect.stringContaining('chromium'),
  })
})

async function expectNothingLeft(pid: number): Promise<void> {
  const folders = (await readdir(tmpdir())).filter((name) => name.startsWith(`antiphon-sandbox-${pid}-`))
  expect(folders).toEqual([])
}

async function descendantsOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const texts = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'latin1').catch(() => '')),
  )
  const children = texts.flatMap((text) => text.trim().split(' ').filter(Boolean).map(Number))
  return [...children, ...(await Promise.all(children.map(descendantsOf))).flat()]
}

async function isRunning(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
  return text !== '' && !/\) [ZX] /.test(text)
}
