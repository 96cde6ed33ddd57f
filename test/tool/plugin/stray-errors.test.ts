import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { AS_SOURCES } from '../../as-sources.ts'

const MODULE = new URL('../../../src/tool/plugin/stray-errors.ts', import.meta.url).href

/** A server sends 64 KiB and closes the connection before anybody reads them. */
const PROGRAM = `
import { createServer } from 'node:net'
import { watchStrayErrors } from '${MODULE}'
watchStrayErrors({ say: console.error, other: (error) => { console.log('ends:', error.message); process.exit(7) } })
const body = Buffer.alloc(65536, 'a')
const server = createServer((socket) =>
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: 65536\\r\\nConnection: close\\r\\n\\r\\n')
    socket.end(body)
  }),
)
const thrown = new Promise((resolve) => process.once('uncaughtException', resolve))
server.listen(0, '127.0.0.1', async () => {
  const response = await fetch('http://127.0.0.1:' + server.address().port)
  await thrown
  console.log('read', (await response.text()).length)
  server.close()
  if (process.argv.includes('throw')) throw new Error('another one')
})
`

const run = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, [...AS_SOURCES, '--input-type=module', '-e', PROGRAM, '--', ...args]).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }) => ({ code, stdout }),
  )

test('a server that closes a connection early does not end the process, and other errors do', async () => {
  expect(await run()).toEqual({ code: 0, stdout: 'read 65536\n' })
  expect(await run('throw')).toEqual({ code: 7, stdout: 'read 65536\nends: another one\n' })
})
