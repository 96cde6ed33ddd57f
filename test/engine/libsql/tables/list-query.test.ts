import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { ActorListQuery } from '../../../../src/engine/engine.ts'
import { libsqlEngine } from '../../../../src/engine/libsql/engine.ts'
import type { CheckpointLimits } from '../../../../src/engine/libsql/log/checkpoint.ts'
import { listRows } from '../../../../src/engine/libsql/tables/list-query.ts'
import { STATEMENTS, schemaWith } from '../../../../src/engine/libsql/tables/schema.ts'
import { selectListed } from '../../../../src/engine/select.ts'
import type { ActorIndex } from '../../../../src/kernel/types.ts'
import { LIST_INDEXES } from '../../../../src/runtime/open/list-indexes.ts'
import type { Database, Value } from '../../../../src/store/database/database.ts'
import { openDatabase } from '../../../../src/store/database/open.ts'
import { actor, range, ref } from '../../../../trials/conformance/actors.ts'

const item = actor('item', null, (_state, message: ActorIndex | 'stop') =>
  message === 'stop' ? { stop: true, reply: true } : { index: message, reply: true },
)
const filler = actor('filler', null, () => ({ state: null, reply: true }))

async function openAt(folder: string, checkpoint?: CheckpointLimits) {
  const path = join(folder, 'engine.db')
  const database = await openDatabase({
    path,
    schema: schemaWith(LIST_INDEXES),
    statements: STATEMENTS,
    synchronous: 'FULL',
  })
  return {
    database,
    engine: libsqlEngine({
      actors: [item, filler],
      database,
      indexes: LIST_INDEXES,
      ...(checkpoint && { checkpoint }),
    }),
  }
}

/** An engine that has nothing in memory, and these items in its tables. */
async function openWith(items: { readonly [key: string]: ActorIndex }) {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-list-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const first = await openAt(folder, { bytes: 1, chunk: 99, trim: 99 })
  for (const [key, index] of Object.entries(items)) await first.engine.ask(ref('item', key), index)
  // later flushes carry them to the table and trim the log
  for (const key of range(6)) await first.engine.ask(ref('filler', `${key}`), null)
  await first.engine.stop()
  const second = await openAt(folder)
  onTestFinished(() => second.engine.stop())
  const names = second.database.all("select name from cell where name like 'item/%'")
  expect(names).toHaveLength(Object.keys(items).length)
  return second
}

it('a list with a limit is right where memory knows better than the rows it would show', async () => {
  const { engine } = await openWith(Object.fromEntries(range(6).map((at) => [`${at}`, { status: 'old', at }])))
  const before = engine.counts.residents
  await Promise.all([engine.ask(ref('item', '5'), { status: 'new', at: 0 }), engine.ask(ref('item', '4'), 'stop')])
  expect(engine.counts.residents - before).toBe(2)
  const keys = async (query = {}) => (await engine.view.list('item', query)).map(({ key }) => key)
  expect(await keys({ sort: 'at', descending: true, limit: 2 })).toEqual(['3', '2'])
  expect(await keys({ where: { status: 'old' }, sort: 'at', descending: true, limit: 1 })).toEqual(['3'])
  expect(await keys({ where: { status: 'new' }, limit: 1 })).toEqual(['5'])
  expect(await keys({ descending: true, limit: 1 })).toEqual(['5'])
  expect(await keys()).toEqual(['0', '1', '2', '3', '5'])
  const inspected = async (query = {}) =>
    (await engine.view.inspect({ kind: 'item', ...query })).map(({ of }) => of.key)
  expect(await inspected()).toEqual(['0', '1', '2', '3', '5'])
  expect(await inspected({ after: ref('item', '3'), limit: 1 })).toEqual(['5'])
})

it('rows are picked and put in order as `select` does it, from every place on', async () => {
  const fields: readonly (string | number | undefined)[] = [undefined, 1, 2, 2.5, 'a', 'b']
  const items = Object.fromEntries(
    range(24).map((n): [string, ActorIndex] => {
      const at = fields[(n * 7) % fields.length]
      return [`${n}`, { n, ...(at !== undefined && { at }), ...(n % 3 === 0 && { owner: 'x' }) }]
    }),
  )
  const { engine } = await openWith(items)
  const all = Object.entries(items).map(([key, index]) => ({ key, index }))
  for (const sort of ['at', 'n', undefined])
    for (const descending of [false, true])
      for (const owner of ['x', null])
        for (const { key, index } of all) {
          const at = sort === undefined ? undefined : index[sort]
          const order = { descending, ...(sort !== undefined && { sort }), ...(at !== undefined && { at }) }
          const query = { ...order, where: { owner }, after: key, limit: 5 }
          expect(await engine.view.list('item', query)).toEqual(selectListed(all, query))
        }
})

it('an index finds the children of an actor, in the table and in memory', async () => {
  const items = range(40).map((n): [string, ActorIndex] => [
    `${n}`,
    { n, status: n % 2 === 0 ? 'over' : 'running', ...(n % 5 === 0 && { root: `${n % 10}` }) },
  ])
  const { database, engine } = await openWith(Object.fromEntries(items))
  const keys = async (query: ActorListQuery) => (await engine.view.list('item', query)).map(({ key }) => key)
  expect(await keys({ where: { root: '5' } })).toEqual(['15', '25', '35', '5'])
  expect(await keys({ where: { root: '0', status: 'over' }, sort: 'n', limit: 2 })).toEqual(['0', '10'])
  expect(await keys({ where: { root: 'none' } })).toEqual([])
  expect(await keys({ where: { root: null, status: 'over' }, sort: 'n', limit: 2 })).toEqual(['2', '4'])
  await engine.ask(ref('item', '15'), { root: '0' })
  await engine.ask(ref('item', '3'), { root: '5' })
  expect(await keys({ where: { root: '5' } })).toEqual(['25', '3', '35', '5'])
  const asked: [sql: string, values: readonly Value[]][] = []
  const all: Database['all'] = (sql, values = []) => {
    asked.push([sql, values])
    return []
  }
  listRows({ ...database, all }, LIST_INDEXES, 'item', { where: { root: '5', status: 'over' } })
  const plan = database.all<{ detail: string }>(`explain query plan ${asked[0]![0]}`, asked[0]![1])
  expect(plan[0]!.detail).toContain('USING INDEX cell_below')
})

it('an index finds work that waits for people, in the table and in memory', async () => {
  const items = range(40).map((n): [string, ActorIndex] => [
    `${n}`,
    { n, ...(n % 9 === 0 && { inbox: 1, since: 50 - n }) },
  ])
  const { database, engine } = await openWith(Object.fromEntries(items))
  const keys = async (query: ActorListQuery) => (await engine.view.list('item', query)).map(({ key }) => key)
  expect(await keys({ where: { inbox: 1 }, sort: 'since' })).toEqual(['36', '27', '18', '9', '0'])
  expect(await keys({ where: { inbox: 1, n: 18 } })).toEqual(['18'])
  await engine.ask(ref('item', '27'), { n: 27 })
  await engine.ask(ref('item', '3'), { inbox: 1, since: 1 })
  expect(await keys({ where: { inbox: 1 }, sort: 'since', limit: 3 })).toEqual(['3', '36', '18'])
  const plans: string[] = []
  const all: Database['all'] = (sql, values = []) => {
    plans.push(database.all<{ detail: string }>(`explain query plan ${sql}`, values)[0]!.detail)
    return []
  }
  listRows({ ...database, all }, LIST_INDEXES, 'item', {
    where: { inbox: 1, n: 18 },
    sort: 'since',
    after: '9',
    at: 41,
    limit: 9,
  })
  expect(plans).toEqual(['SEARCH cell USING INDEX cell_inbox_aged (<expr>=? AND <expr>>?)'])
})

it('a page of what waits longest reads its own rows, of all owners or of one, from any position', async () => {
  const items = Object.fromEntries(
    range(120).map((n): [string, ActorIndex] => [
      `${n}`,
      {
        n,
        ...(n % 8 > 0 && { inbox: 1 }),
        ...(n % 5 > 0 && { since: n % 40 }),
        ...(n % 3 > 0 && { owner: `${n % 3}` }),
      },
    ]),
  )
  const { database, engine } = await openWith(items)
  const all = Object.entries(items).map(([key, index]) => ({ key, index }))
  const sorted = (where: ActorListQuery['where']) => ({ where: { inbox: 1, ...where }, sort: 'since', limit: 9 })
  for (const where of [{}, { owner: '1' }, { owner: null }, { owner: '2', n: 5 }, { n: 7 }]) {
    expect(await engine.view.list('item', sorted(where))).toEqual(selectListed(all, sorted(where)))
    for (const { key, index } of all) {
      const after = { ...sorted(where), after: key, ...(index.since !== undefined && { at: index.since }) }
      expect(await engine.view.list('item', after)).toEqual(selectListed(all, after))
    }
  }
  const plans: string[] = []
  const watched: Database['all'] = (sql, values = []) => {
    plans.push(...database.all<{ detail: string }>(`explain query plan ${sql}`, values).map(({ detail }) => detail))
    return database.all(sql, values)
  }
  const page = (where: ActorListQuery['where']) =>
    listRows({ ...database, all: watched }, LIST_INDEXES, 'item', sorted(where))
  expect([page({}), page({ owner: '1' })].map(([first]) => first!.rows.length)).toEqual([9, 9])
  // nothing is sorted, so a page ends at its last row
  expect(plans).toEqual([
    'SEARCH cell USING INDEX cell_inbox_aged (<expr>=?)',
    'SEARCH cell USING INDEX cell_inbox_owned (<expr>=? AND <expr>=?)',
  ])
})

it('an index finds the newest actors, of all owners or of one, from any position', async () => {
  const starts: readonly (string | number | undefined)[] = [7, 8, undefined, 8, 9.5, 'later', 7]
  const items = Object.fromEntries(
    range(60).map((n): [string, ActorIndex] => {
      const startedAt = starts[(n * 5) % starts.length]
      const owned = n % 3 === 0 ? { owner: 'x' } : {}
      const status = n % 7 < 3 ? 'completed' : n % 7 < 6 ? 'failed' : 'running'
      const more = { ...(n % 4 === 0 && { aside: 1 }), ...(n % 11 !== 0 && { status }) }
      return [`${n}`, { n, ...(startedAt !== undefined && { startedAt }), ...owned, ...more }]
    }),
  )
  const { database, engine } = await openWith(items)
  const all = Object.entries(items).map(([key, index]) => ({ key, index }))
  const newest = { sort: 'startedAt', descending: true } as const
  const owners = [{}, { owner: 'x' }, { owner: null }, { owner: 'none' }]
  const statuses = [{}, { status: 'completed' }, { status: 'failed' }, { status: 'running' }, { status: 'none' }]
  for (const where of owners.flatMap((owned) => statuses.map((status) => ({ aside: null, ...owned, ...status }))))
    for (const limit of [undefined, 1, 5]) {
      const query = { ...newest, where, ...(limit !== undefined && { limit }) }
      expect(await engine.view.list('item', query)).toEqual(selectListed(all, query))
      for (const { key, index } of all) {
        const at = index.startedAt === undefined ? {} : { at: index.startedAt }
        const behind = { ...query, after: key, ...at }
        expect(await engine.view.list('item', behind)).toEqual(selectListed(all, behind))
      }
    }
  const plans = (query: ActorListQuery) => {
    const found: string[] = []
    const all: Database['all'] = (sql, values = []) => {
      found.push(database.all<{ detail: string }>(`explain query plan ${sql}`, values)[0]!.detail)
      return []
    }
    listRows({ ...database, all }, LIST_INDEXES, 'item', { ...newest, ...query })
    return found
  }
  expect(plans({ where: { aside: null } })).toEqual([
    'SEARCH cell USING INDEX cell_owned (<expr>=? AND <expr>=?)',
    'SEARCH cell USING INDEX cell_started (<expr>=?)',
  ])
  const mine = { aside: null, owner: 'x' }
  expect(plans({ where: mine })).toEqual(['SEARCH cell USING INDEX cell_owned (<expr>=? AND <expr>=?)'])
  expect(plans({ where: mine, after: '5', at: 8, limit: 9 })).toEqual([
    'SEARCH cell USING INDEX cell_owned (<expr>=? AND <expr>=? AND <expr><?)',
    'SEARCH cell USING INDEX cell_owned (<expr>=? AND <expr>=? AND <expr>=?)',
  ])
  expect(plans({ where: { ...mine, n: 1 } })[0]).not.toContain('cell_owned')
  expect(plans({ where: { aside: null, status: 'failed' } })).toEqual([
    'SEARCH cell USING INDEX cell_rare (<expr>=? AND <expr>=?)',
  ])
  expect(plans({ where: { ...mine, status: 'failed' }, after: '5', at: 8, limit: 9 })).toEqual([
    'SEARCH cell USING INDEX cell_rare_owned (<expr>=? AND <expr>=? AND <expr>=? AND <expr><?)',
    'SEARCH cell USING INDEX cell_rare_owned (<expr>=? AND <expr>=? AND <expr>=? AND <expr>=?)',
  ])
  expect(plans({ where: { ...mine, status: 'completed' } })).toEqual([
    'SEARCH cell USING INDEX cell_owned (<expr>=? AND <expr>=?)',
  ])
})

it('a list of a prefix has the keys below it and no other, in memory and in the tables', async () => {
  const keys = ['a', 'a.', 'a.1', 'a.1.x', 'a.10', 'a.2', 'a/1', 'ab', 'a.\u{10fffe}', 'b']
  const { engine } = await openWith(Object.fromEntries(keys.map((key) => [key, { status: 'old' }])))
  const below = async (query: ActorListQuery) => (await engine.view.list('item', query)).map(({ key }) => key)
  const all = ['a.1', 'a.1.x', 'a.10', 'a.2', 'a.\u{10fffe}']
  expect(await below({ prefix: 'a.' })).toEqual(all)
  expect(await below({ prefix: 'a.', limit: 2 })).toEqual(all.slice(0, 2))
  expect(await below({ prefix: 'a.', after: 'a.10', limit: 1 })).toEqual(['a.2'])
  expect(await below({ prefix: 'a.', after: 'a.10', descending: true })).toEqual(['a.1.x', 'a.1'])
  expect(await below({ prefix: 'a.', where: { status: 'new' } })).toEqual([])
  await Promise.all([engine.ask(ref('item', 'a.3'), { status: 'new' }), engine.ask(ref('item', 'a.2'), 'stop')])
  expect(await below({ prefix: 'a.' })).toEqual(['a.1', 'a.1.x', 'a.10', 'a.3', 'a.\u{10fffe}'])
})
