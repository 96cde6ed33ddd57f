import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readOwner } from '../../src/store/owner.ts'

test('the record of an owner counts as long as that lives, and nothing that is no record', () => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-record-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const write = (text: string) => writeFileSync(join(folder, 'owner.json'), text)
  expect(readOwner(folder)).toBeUndefined()
  write(JSON.stringify({ pid: process.pid, command: 'living' }))
  expect(readOwner(folder)).toMatchObject({ command: 'living' })
  const { pid } = spawnSync(process.execPath, ['--version'])
  write(JSON.stringify({ pid, command: 'dead' }))
  expect(readOwner(folder)).toBeUndefined()
  write('{"pid":')
  expect(readOwner(folder)).toBeUndefined()
})
