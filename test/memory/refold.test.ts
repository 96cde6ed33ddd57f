import Libsql from 'libsql'
import { expect, test } from 'vitest'
import { openFile } from './folder.ts'

/** Gives the file the words of an older release: unfolded, and without the table that tells which are. */
function makeOld(path: string): void {
  const database = new Libsql(path)
  const hex = (term: string) => `1y${Buffer.from(term).toString('hex')}`
  const rows = database.prepare("select rid from record where text like '%traße%'").all([]) as { rid: number }[]
  for (const { rid } of rows)
    database.prepare('update words set terms = ? where rowid = ?').run([`1xferri ${hex('goethestraß')}`, rid])
  database.exec('drop table unfolded')
  database.close()
}

test('an older memory is indexed again in the background, and its words are then found in each spelling', async () => {
  const file = openFile()
  const texts = ['The ferry stops at Goethestraße.', 'The ferry leaves at noon.', 'Die Goethestraße ist lang.']
  await file.memory().add(texts.map((text) => ({ text })))
  const forgotten = await file.memory().add([{ text: 'Old Goethestraße.' }])
  await file.memory().changes.undo(forgotten.change!)
  await file.close()
  makeOld(file.path)
  await file.reopen()
  const found = async (text: string) => (await file.memory().search({ text })).records.map((record) => record.text)
  // the first call is behind the first portion
  expect((await found('Goethestrasse')).sort()).toEqual([texts[2], texts[0]])
  expect((await found('GOETHESTRAßE')).sort()).toEqual([texts[2], texts[0]])
  await file.close()
  const database = new Libsql(file.path)
  expect(database.prepare('select next = last done from unfolded').get([])).toMatchObject({ done: 1 })
  expect(database.prepare('select count(*) words from words').get([])).toMatchObject({ words: 3 })
  database.close()
})

test('a new memory has nothing to index again', async () => {
  const file = openFile()
  await file.memory().add([{ text: 'Goethestraße' }])
  await file.close()
  const database = new Libsql(file.path)
  expect(database.prepare('select next, last from unfolded').all([])).toEqual([{ next: 0, last: 0 }])
  database.close()
})
