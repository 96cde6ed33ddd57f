import Libsql from 'libsql'
import { expect, test } from 'vitest'
import type { MirrorServer } from '../../../src/memory/redis/server.ts'
import { until } from '../../../src/testing/until.ts'
import { openFile } from '../folder.ts'
import { openMirrored } from './mirrored.ts'

/** A server in this process: the fields by id, and the mark. `before`: called before each write. */
function doubleServer(before: () => void = () => {}) {
  const fields = new Map<string, string>()
  let mark = ''
  const server: MirrorServer = {
    mark: async () => mark,
    async reset(_, expected, next) {
      if (mark !== expected) return false
      fields.clear()
      mark = next
      return true
    },
    async write(_, marks, entries) {
      before()
      if (mark !== marks.expected) return undefined
      mark = marks.mark
      return entries.flatMap(({ id, text }) => {
        const had = fields.delete(id)
        if (text !== undefined) fields.set(id, text)
        return had && text === undefined ? [id] : []
      })
    },
    async drop() {
      fields.clear()
      mark = ''
    },
    cleanDisk: async () => {},
    close: () => {},
  }
  return {
    fields,
    ids: () => [...fields.keys()].sort(),
    lose: () => server.drop('ada'),
    open: async ({ ready }: { ready(): void }) => {
      ready()
      return server
    },
  }
}

test('a proposed record has no copy until it is accepted', async () => {
  const server = doubleServer()
  const { memory, isCurrent } = openMirrored(openFile().path, '', server.open)
  await memory.add([{ id: 'mine', text: 'Oslo', subject: 'home' }])
  await memory.add([{ id: 'said', text: 'Rome', subject: 'home' }], { source: { type: 'model' } })
  await until(isCurrent)
  expect(server.ids()).toEqual(['mine'])
  await memory.proposals.accept('said')
  await until(isCurrent)
  expect(server.ids()).toEqual(['mine', 'said'])
})

test('long texts are copied in several portions, each of them once', async () => {
  let writes = 0
  const server = doubleServer(() => void writes++)
  const { memory, isCurrent, counts } = openMirrored(openFile().path, '', server.open)
  await memory.add(Array.from({ length: 20 }, (_, n) => ({ id: `${n}`, text: `${n} ${'x'.repeat(200_000)}` })))
  await until(isCurrent)
  expect([server.fields.size, counts]).toEqual([20, { written: 20, failed: 0 }])
  expect(writes).toBeGreaterThan(2)
})

test('a process that ends after a write and before its note leaves nothing wrong', async () => {
  const { path } = openFile()
  const server = doubleServer()
  const one = openMirrored(path, '', server.open)
  await one.memory.add([{ id: 'a', text: 'blue' }])
  await until(one.isCurrent)
  await one.close()
  await server.lose()
  server.fields.set('b', 'of an earlier time')
  const other = openMirrored(path, '', server.open)
  other.mirror.begin()
  await until(() => server.ids().join() === 'a')
})

test('without the setting, an erasure waits for no copies', async () => {
  const { path, memory } = openFile()
  const server = doubleServer(() => {
    throw new Error('away')
  })
  const { memory: mirrored, close, mirror } = openMirrored(path, '', server.open)
  await memory().add([{ id: 'first', text: 'red' }])
  expect(triggersIn(path)).toEqual([])
  await mirrored.add([{ id: 'a', text: 'blue' }])
  await until(() => mirror.known().error === 'away')
  expect((await mirrored.forget({ id: 'a' })).status).toBe('pending')
  await close()
  const { write } = openMirrored(path, '', server.open)
  expect(triggersIn(path)).toHaveLength(2)
  await write('endMirrors', {})
  expect(triggersIn(path)).toEqual([])
  expect((await memory().forget({ all: true })).status).toBe('done')
  expect((await memory().stats()).pending).toBe(0)
})

/** The triggers that note changes for a mirror: every write pays for them. */
function triggersIn(path: string): readonly unknown[] {
  const file = new Libsql(path, { readonly: true })
  const sql = `select name from sqlite_schema where type = 'trigger' and name like 'mirror%'`
  const found = file.prepare(sql).all([])
  file.close()
  return found
}
