import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { claimFolder, findOwner } from '../../../src/store/data-folder/owner.ts'
import { checkStoredFormat } from '../../../src/store/data-folder/stored-format.ts'

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'antiphon-kinds-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const FILES = [
  'engine.db',
  'engine.db-wal',
  'engine.db-shm',
  'engine.db-flushed',
  'owner.db',
  'owner.db-journal',
  'owner.json',
  'seen',
  'ballast',
  'secrets.json',
  'clock.json',
]
const FOLDERS = ['blobs', 'cache', 'nodes', 'socket']
const KINDS: { readonly [kind: string]: (path: string) => void } = {
  'a pipe': (path) => execFileSync('mkfifo', [path]),
  'a device': (path) => symlinkSync('/dev/zero', path),
  'a folder': (path) => mkdirSync(path),
}

test.each([...FILES, ...FOLDERS].flatMap((name) => Object.keys(KINDS).map((kind) => [kind, name] as const)))(
  '%s in the place of %s is refused, and nothing waits for it',
  async (kind, name) => {
    const data = folder()
    const path = join(data, name)
    KINDS[kind]!(path)
    if (kind === 'a folder' && FOLDERS.includes(name)) return expect(() => checkStoredFormat(data)).not.toThrow()
    const refused = { name: 'InvalidError', message: expect.stringContaining(`got ${kind}: ${path}`) }
    expect(() => checkStoredFormat(data)).toThrow(expect.objectContaining(refused))
    await expect(claimFolder(data, { command: 'test' })).rejects.toMatchObject(refused)
    expect(await findOwner(data)).toBeUndefined()
  },
)

test('links to files, sockets of antiphon and files of others are no fault', async () => {
  const [data, elsewhere] = [folder(), folder()]
  writeFileSync(join(elsewhere, 'engine.db'), '')
  symlinkSync(join(elsewhere, 'engine.db'), join(data, 'engine.db'))
  symlinkSync(join(elsewhere, 'gone'), join(data, 'seen'))
  execFileSync('mkfifo', [join(data, 'mine')])
  const server = createServer().listen(join(data, 'socket'))
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  expect(() => checkStoredFormat(data)).not.toThrow()
})
