import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readPlainFile, readPlainFileNow } from '../../../src/lib/encoding/plain-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'antiphon-plain-'))
const path = (name: string) => join(folder, name)
const server = createServer()

beforeAll(async () => {
  execFileSync('mkfifo', [path('pipe')])
  mkdirSync(path('folder'))
  symlinkSync('/dev/zero', path('zero'))
  symlinkSync('pipe', path('link'))
  symlinkSync('text', path('to-text'))
  writeFileSync(path('text'), 'ebb and flow')
  await new Promise<void>((done) => server.listen(path('socket'), done))
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const READERS = [readPlainFile, async (...given: Parameters<typeof readPlainFile>) => readPlainFileNow(...given)]

test.each([
  ['pipe', 'ENOTFILE', 'expected a file, got a pipe'],
  ['link', 'ENOTFILE', 'expected a file, got a pipe'],
  ['zero', 'ENOTFILE', 'expected a file, got a device'],
  ['socket', 'ENOTFILE', 'expected a file, got a socket'],
  ['folder', 'EISDIR', 'expected a file, got a folder'],
  ['absent', 'ENOENT', 'no such file'],
])('%s is not read: %s', async (name, code, message) => {
  for (const read of READERS)
    await expect(read(path(name))).rejects.toMatchObject({ code, message: expect.stringContaining(message) })
})

test('a file is read to its bound, also one that does not tell its size', async () => {
  for (const read of READERS) {
    expect(String(await read(path('to-text'), 12))).toBe('ebb and flow')
    for (const file of [path('text'), '/proc/self/status'])
      await expect(read(file, 11)).rejects.toMatchObject({ code: 'EFBIG', message: 'the file is larger than 11 bytes' })
  }
})
