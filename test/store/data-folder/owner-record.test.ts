import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { claimFolder, findOwner } from '../../../src/store/data-folder/owner.ts'
import { readOwner, readRecord } from '../../../src/store/data-folder/owner-record.ts'

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-record-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test('the record of an owner counts as long as that lives; anything else does not', () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'owner.db'), '')
  const { dev, ino } = statSync(join(folder, 'owner.db'))
  const identity = `${dev}:${ino}`
  const write = (text: string) => writeFileSync(join(folder, 'owner.json'), text)
  expect(readOwner(folder)).toBeUndefined()
  write(JSON.stringify({ pid: process.pid, command: 'living', identity }))
  expect(readOwner(folder)).toMatchObject({ command: 'living' })
  const { pid } = spawnSync(process.execPath, ['--version'])
  write(JSON.stringify({ pid, command: 'dead', identity }))
  expect(readOwner(folder)).toBeUndefined()
  write('{"pid":')
  expect(readOwner(folder)).toBeUndefined()
})

test('a copy of a folder does not have the owner of the original, and can be owned', async () => {
  const folder = join(newFolder(), 'original')
  const copy = join(newFolder(), 'copy')
  const original = await claimFolder(folder, { command: 'original' })
  if (original.taken) throw new Error('the folder is taken')
  onTestFinished(original.release)
  original.announce(join(folder, 'socket'))
  cpSync(folder, copy, { recursive: true, preserveTimestamps: true })
  expect(readOwner(folder)).toMatchObject({ command: 'original' })
  expect(readOwner(copy)).toBeUndefined()
  expect(await findOwner(copy)).toBeUndefined()
  const own = await claimFolder(copy, { command: 'copy' })
  expect(own).toMatchObject({ taken: false })
  if (!own.taken) own.release()
  expect(await findOwner(folder)).toMatchObject({ command: 'original' })
})

test('the record of another folder is not read', async () => {
  const folder = newFolder()
  const owner = await claimFolder(folder, { command: 'owner' })
  if (owner.taken) throw new Error('the folder is taken')
  onTestFinished(owner.release)
  expect(readRecord(folder)).toMatchObject({ command: 'owner' })
  writeFileSync(join(folder, 'owner.json'), JSON.stringify({ ...readRecord(folder), identity: '1:1' }))
  expect(readRecord(folder)).toBeUndefined()
})
