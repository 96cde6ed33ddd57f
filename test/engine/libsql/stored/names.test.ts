import { readFileSync, writeFileSync } from 'node:fs'
import Libsql from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { openStoredNames } from '../../../../src/engine/libsql/stored/names.ts'
import { SCHEMA, STATEMENTS } from '../../../../src/engine/libsql/tables/schema.ts'
import { rowChecksum } from '../../../../src/store/database/checked-row.ts'
import { openDatabase } from '../../../../src/store/database/open.ts'
import { createPath } from '../open.ts'

const options = { schema: SCHEMA, statements: STATEMENTS, synchronous: 'NORMAL', writer: 'main' } as const

/** More names than one page, in an index of several levels. */
const NAMES = Array.from({ length: 3_000 }, (_, n) => `run/${String(n * 7919).padStart(8, '0')}-${'x'.repeat(n % 60)}`)

/** A file with these names. */
async function written(): Promise<string> {
  const path = createPath()
  await (await openDatabase({ path, ...options })).close()
  const file = new Libsql(path)
  const insert = file.prepare('insert into cell values(?, ?, null, null, ?, 0, 0, 0)')
  file.exec('begin')
  for (const name of NAMES) insert.run([name, '{}', rowChecksum([name])])
  file.exec('commit')
  file.exec('pragma wal_checkpoint(truncate)')
  file.close()
  return path
}

async function open(path: string) {
  const database = await openDatabase({ path, ...options })
  onTestFinished(() => database.close())
  const read: string[] = []
  const all: typeof database.all = (sql, values) => {
    read.push(sql)
    return database.all(sql, values)
  }
  return { names: openStoredNames({ all }), read }
}

test('names are found before they are read, while they are read, and after that without a lookup', async () => {
  const { names, read } = await open(await written())
  const absent = ['run/', 'run/0000', `${NAMES[7]}x`, 'step/1', 'a', 'zz']
  const found = () => [NAMES.every(names.has), absent.some(names.has)]
  expect(found()).toEqual([true, false])
  names.add('run/new')
  expect(names.readMore()).toBe(true)
  expect(found()).toEqual([true, false])
  while (names.readMore());
  read.length = 0
  expect([NAMES.every(names.has), names.has('run/new'), read]).toEqual([true, true, []])
})

test('no name is missed because one copy of it is damaged, and the index is rebuilt', async () => {
  const bytes = readFileSync(await written())
  // the first and the last one, and some in between, of which a few are in the upper levels of the index
  const wanted = [0, 999, 2_999, ...Array.from({ length: 6 }, (_, n) => n * 421)]
  let rebuilt = 0
  for (const name of new Set(wanted.map((n) => NAMES[n]!))) {
    for (let at = bytes.indexOf(name); at !== -1; at = bytes.indexOf(name, at + 1)) {
      for (const place of [0, 5, name.length - 1]) {
        const path = createPath()
        const damaged = Buffer.from(bytes)
        damaged[at + place]! ^= place === 5 ? 0x80 : 0x04
        writeFileSync(path, damaged)
        const { names, read } = await open(path)
        expect([name, place, names.has(name)]).toEqual([name, place, true])
        while (names.readMore());
        expect(NAMES.filter((each) => !names.has(each))).toEqual([])
        if (read.includes('reindex cell')) rebuilt++
      }
    }
  }
  expect(rebuilt).toBeGreaterThan(8)
})
