import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import Database from 'libsql'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { is } from '../../src/errors.ts'
import { claimFolder, type FolderOwner, findOwner } from '../../src/store/data-folder/owner.ts'
import type { OwnerRecord } from '../../src/store/data-folder/owner-record.ts'

let home: string
let folder: string
const children: ChildProcess[] = []

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'owner-'))
  folder = join(home, 'data')
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

it.runIf(existsSync('/proc/self'))('is refused at once where no folder can be made', async () => {
  await expect(claimFolder('/proc/antiphon/data', { command: 'test' })).rejects.toMatchObject({ name: 'InvalidError' })
})

it('says that a file is not a folder', async () => {
  const file = join(home, 'file')
  writeFileSync(file, '')
  await expect(claimFolder(file, { command: 'test' })).rejects.toThrow(`${file} cannot be used: ENOTDIR`)
})

it.runIf(existsSync('/dev/full'))('asks for room where the disk is full, and for no other folder', async () => {
  mkdirSync(folder)
  symlinkSync('/dev/full', join(folder, `owner.json.${process.pid}`))
  const refused = {
    code: 'degraded',
    message: expect.stringMatching(/^The data folder cannot be written: ENOSPC/),
    // gc itself writes, so it cannot be what frees the first space
    hint: expect.stringMatching(/^Free space .* Once a little space is free, antiphon gc removes/),
  }
  await expect(claimFolder(folder, { command: 'test' })).rejects.toMatchObject(refused)
})

it('leaves nothing behind, and takes the folder for nobody, where it cannot say who it is', async () => {
  mkdirSync(join(folder, 'owner.json'), { recursive: true })
  await expect(claimFolder(folder, { command: 'test' })).rejects.toMatchObject({ name: 'InvalidError' })
  expect(readdirSync(folder).filter((name) => name.startsWith('owner.json'))).toEqual(['owner.json'])
  rmSync(join(folder, 'owner.json'), { recursive: true })
  const owner = await claim('second')
  expect(record()).toMatchObject({ command: 'second' })
  owner.release()
})

it('holds a folder that it could not own no longer than it takes to say so', async () => {
  mkdirSync(folder)
  const change = (sql: string) => {
    const database = new Database(join(folder, 'owner.db'), { timeout: 0 })
    database.exec(sql)
    database.close()
  }
  change('CREATE TABLE owner (epoch INTEGER NOT NULL)')
  change("CREATE TRIGGER full BEFORE INSERT ON owner BEGIN SELECT RAISE(FAIL, 'the disk is full'); END")
  await expect(claimFolder(folder, { command: 'test' })).rejects.toThrow('the disk is full')
  change('DROP TRIGGER full')
  const owner = await claim('second')
  owner.release()
})

it('creates the folder for its owner alone and says who it is', async () => {
  const owner = await claim('first')
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(record()).toMatchObject({ pid: process.pid, command: 'first', epoch: 1, socket: null })
  owner.announce('/somewhere/socket')
  expect(record()).toMatchObject({ command: 'first', socket: '/somewhere/socket' })
  owner.release()
})

it('tells a second process which one holds the folder', async () => {
  const owner = await claim('first')
  const second = await claimFolder(folder, { command: 'second' })
  expect(second).toMatchObject({ taken: true, record: { pid: process.pid, command: 'first' } })
  owner.release()
})

it('counts owners up and may be released twice', async () => {
  const first = await claim('first')
  first.release()
  first.release()
  expect(existsSync(join(folder, 'owner.json'))).toBe(false)
  const second = await claim('second')
  first.release()
  expect(record()).toMatchObject({ command: 'second', epoch: 2 })
  second.release()
})

it('finds the owner, or nobody, and creates nothing', async () => {
  expect(await findOwner(folder)).toBeUndefined()
  expect(existsSync(folder)).toBe(false)
  const owner = await claim('first')
  expect(await findOwner(folder)).toMatchObject({ command: 'first' })
  owner.release()
  expect(await findOwner(folder)).toBeUndefined()
})

it('refuses a folder that cannot be one', async () => {
  writeFileSync(folder, 'a file')
  const failure = await claimFolder(folder, { command: 'any' }).catch((error: unknown) => error)
  expect(is(failure, 'InvalidError')).toBe(true)
  expect(String(failure)).toContain(folder)
})

it('is given up by a kill -9, and the dead owner is not taken for a living one', async () => {
  const other = claimant()
  expect(await other.said('owned')).toBe('owned 1')
  const claimed = await claimFolder(folder, { command: 'mine' })
  expect(claimed).toMatchObject({ taken: true, record: { pid: other.child.pid } })
  const gone = once(other.child, 'exit')
  other.child.kill('SIGKILL')
  await gone
  expect(existsSync(join(folder, 'owner.json'))).toBe(true)
  expect(await findOwner(folder)).toBeUndefined()
  const owner = await claim('mine')
  expect(owner.epoch).toBeGreaterThan(1)
  owner.release()
})

it('makes exactly one of many that start at once the owner', async () => {
  const claimants = Array.from({ length: 4 }, () => claimant())
  const words = await Promise.all(claimants.map(({ said }) => said('owned', 'taken')))
  expect(words.filter((word) => word.startsWith('owned'))).toHaveLength(1)
  const winner = claimants[words.findIndex((word) => word.startsWith('owned'))]!
  for (const word of words.filter((word) => word.startsWith('taken'))) expect(word).toBe(`taken ${winner.child.pid}`)
}, 60_000)

async function claim(command: string): Promise<FolderOwner> {
  const claimed = await claimFolder(folder, { command })
  if (claimed.taken) throw new Error('the folder is taken')
  return claimed
}

const record = () => JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')) as OwnerRecord

function claimant() {
  const child = spawn(process.execPath, [new URL('claimant.ts', import.meta.url).pathname, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines = createInterface({ input: child.stdout })
  const said = async (...words: string[]) => {
    for await (const line of lines) if (words.includes(line.split(' ')[0]!)) return line
    throw new Error('the claimant ended without a word')
  }
  return { child, said }
}
