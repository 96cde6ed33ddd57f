import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { bubblewrap } from '../../../src/sandbox/bubblewrap.ts'
import { openServer, stdio } from './bench.ts'

const gap = await bubblewrap.check()
const isHere = existsSync('/usr/bin/python3')
const why = gap?.reason ?? (isHere ? undefined : 'there is no python3')

/** A server of the older revision, without any package: the sandbox shows its folder only. */
const SERVER = `
import json, os, sys
def look():
    seen = {'token': os.environ.get('TOKEN'), 'home': os.path.exists('${import.meta.dirname}')}
    try:
        open('here', 'w').close()
        seen['wrote'] = True
    except OSError as error:
        seen['wrote'] = error.strerror
    return seen
ANSWERS = {
    'initialize': lambda: {'protocolVersion': '2025-11-25', 'capabilities': {'tools': {}}, 'serverInfo': {'name': 'py', 'version': '1'}},
    'tools/list': lambda: {'tools': [{'name': 'look', 'inputSchema': {'type': 'object'}}]},
    'tools/call': lambda: {'content': [{'type': 'text', 'text': json.dumps(look())}]},
}
for line in sys.stdin:
    message = json.loads(line)
    if message.get('id') is None: continue
    if message['method'] == 'server/discover': sys.exit(5)
    answer = {'jsonrpc': '2.0', 'id': message['id'], 'result': ANSWERS[message['method']]()}
    print(json.dumps(answer), flush=True)
`

it.skipIf(why !== undefined)(
  `a sandboxed server sees its folder, and changes it only with \`write\`${why ? ` (skipped: ${why})` : ''}`,
  async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'antiphon-sandboxed-'))
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
    chmodSync(cwd, 0o777)
    writeFileSync(join(cwd, 'server.py'), SERVER)
    const settings = { command: 'python3', args: ['server.py'], cwd, sandbox: true, env: { TOKEN: 'shown' } }
    const look = async (write: boolean) => {
      const { call } = openServer(stdio('', { ...settings, write }))
      const { text } = await call('look')
      return JSON.parse(text)
    }
    expect(await look(false)).toEqual({ token: 'shown', home: false, wrote: 'Read-only file system' })
    expect(existsSync(join(cwd, 'here'))).toBe(false)
    expect(await look(true)).toEqual({ token: 'shown', home: false, wrote: true })
  },
)

it.skipIf(why !== undefined)(
  `a sandboxed server gets its secrets, and no command line shows them${why ? ` (skipped: ${why})` : ''}`,
  async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'antiphon-sandboxed-'))
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
    chmodSync(cwd, 0o777)
    writeFileSync(join(cwd, 'server.py'), SERVER)
    const settings = { command: 'python3', args: ['server.py'], cwd, sandbox: true, env: { TOKEN: 'secret://fix' } }
    const { call } = openServer(stdio('', settings), { secrets: { fix: `hidden-${process.pid}` } })
    const { text } = await call('look')
    expect(JSON.parse(text).token).toBe(`hidden-${process.pid}`)
    const lines = commandLines()
    expect(lines.filter((line) => line.includes('server.py'))).not.toEqual([])
    expect(lines.filter((line) => line.includes(`hidden-${process.pid}`))).toEqual([])
  },
)

it.skipIf(why !== undefined)(
  `a sandboxed server sees no file of antiphon, and may not write beside one${why ? ` (skipped: ${why})` : ''}`,
  async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'antiphon-sandboxed-'))
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
    chmodSync(cwd, 0o777)
    writeFileSync(join(cwd, 'server.py'), SERVER.replace("'here', 'w'", "'antiphon.yaml'"))
    writeFileSync(join(cwd, 'antiphon.yaml'), 'name: x')
    const settings = { command: 'python3', args: ['server.py'], cwd, sandbox: true }
    const closed = [join(cwd, 'antiphon.yaml'), join(cwd, 'agents')]
    const { text } = await openServer(stdio('', settings), { closed }).call('look')
    expect(JSON.parse(text)).toMatchObject({ wrote: 'Permission denied' })
    await expect(openServer(stdio('', { ...settings, write: true }), { closed }).call('look')).rejects.toMatchObject({
      code: 'outside_root',
    })
  },
)

/** What all users of this machine can see. */
const commandLines = () =>
  readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) ? [readFileSync(`/proc/${name}/cmdline`, 'latin1')] : []
    } catch {
      return []
    }
  })

it('a server waits for no sandbox that is not there', async () => {
  const { call } = openServer(stdio('', { sandbox: true }), { sandbox: { use: ['container'] } })
  await expect(call('note', { line: 'ebb' })).rejects.toMatchObject({ code: 'sandbox_missing' })
})
