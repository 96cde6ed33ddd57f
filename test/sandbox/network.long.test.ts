import { describe, expect, onTestFinished, test } from 'vitest'
import { bubblewrap } from '../../src/sandbox/bubblewrap.ts'
import { createSandboxes } from '../../src/sandbox/choose.ts'
import type { SandboxProvider } from '../../src/sandbox/sandbox.ts'
import { createHostProxy } from '../../src/web/host-proxy.ts'
import { createWeb } from '../../src/web/request.ts'
import { findEscapes } from '../../trials/sandbox/find-escapes.ts'
import { startServer } from '../web/server.ts'
import { SUITE_LIMITS } from './limits.ts'

const gap = await bubblewrap.check()

/** An open server, another one that is as open to tools and closed to code, and sandboxes that reach the first one. */
async function world() {
  const open = await startServer((_, response) => response.end('the tide turns'), '127.0.0.2')
  const closed = await startServer((_, response) => response.end('secret'), '127.0.0.3')
  const settings = { allow: ['127.0.0.2', '127.0.0.3', 'open.test'], ports: [open.port, closed.port] }
  const web = createWeb(settings, async () => [{ address: '127.0.0.2', family: 4 }])
  onTestFinished(() => web.close())
  const network = ['127.0.0.2', 'open.test']
  const sandboxes = createSandboxes(
    // a Node.js that only root may read is copied into the scratch folder
    { ...SUITE_LIMITS, network, memory: 512 * 1024 * 1024, seconds: 60, disk: 512 * 1024 * 1024 },
    { openNetwork: async (hosts) => createHostProxy(web, hosts) },
  )
  return { open, closed, sandboxes }
}

const FETCH = (url: string) => `
import urllib.request
print(urllib.request.urlopen(${JSON.stringify(url)}, timeout=30).read().decode())`

describe.skipIf(gap !== undefined)(`code with a network${gap ? ` (skipped: ${gap.reason})` : ''}`, () => {
  test('reaches the hosts that are named, and no others', async () => {
    const { open, closed, sandboxes } = await world()
    const sandbox = await sandboxes.open()
    const fetch = async (url: string) => {
      const { code, stdout, stderr } = await sandbox.run(['python3', '-c', FETCH(url)])
      return code === 0 ? stdout.text.trim() : stderr.text.trimEnd().split('\n').at(-1)
    }
    try {
      expect(await fetch(`http://127.0.0.2:${open.port}/`)).toBe('the tide turns')
      expect(await fetch(`http://open.test:${open.port}/`)).toBe('the tide turns')
      expect(await fetch(`http://127.0.0.3:${closed.port}/`)).toContain('127.0.0.3 is closed to code in a sandbox')
      expect(await fetch('https://example.org/')).toContain('example.org is closed to code in a sandbox')
      expect(await fetch('http://169.254.169.254/')).toContain('is a metadata address')
      expect(await fetch('http://127.0.0.2:22/')).toContain('port 22 is closed')
      const direct = [
        'python3',
        '-c',
        `import socket; socket.create_connection(('127.0.0.2', ${open.port}), 2)`,
      ] as const
      expect((await sandbox.run(direct)).code).not.toBe(0)
    } finally {
      await sandbox.close()
    }
    expect([open.seen.length, closed.seen.length]).toEqual([2, 0])
  })

  test('leaves the sandbox in none of the ways of the suite', async () => {
    const { sandboxes } = await world()
    const provider: SandboxProvider = { ...bubblewrap, open: ({ limits: _, ...options }) => sandboxes.open(options) }
    expect(await findEscapes(provider, SUITE_LIMITS)).toEqual([])
  })

  test('is refused without a sandbox, which could not keep it to these hosts', async () => {
    const openNetwork = async () => ({ listen: async () => {}, close: async () => {} })
    const sandboxes = createSandboxes({ use: ['none'], network: ['open.test'] }, { openNetwork })
    await expect(sandboxes.open()).rejects.toMatchObject({ code: 'invalid_input' })
  })
})
