import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../src/testing/until.ts'
import { describeOnRedis, startRedis } from '../../store/redis-server.ts'
import { command, lookInto, openMirrored } from './mirrored.ts'

const SECRET = 'xylographic'

function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'mirror-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function open(...settings: readonly string[]) {
  const folder = newFolder()
  const path = join(folder, 'memory.db')
  const server = await startRedis('--dir', folder, ...settings)
  return { folder, path, server, url: server.url, process: openMirrored(path, server.url) }
}

/** The bytes of all files in which a Redis server keeps its data. */
const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(rdb|aof)$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')

const note = (id: string, text = `The kiln ${id}`) => ({ id, text })
const ready = (state: { readonly state: string }) => state.state === 'ready'

describeOnRedis('a mirror of memory on Redis', () => {
  test('follows adds, pins, moves, undos and forgetting, and a late write brings nothing back', async () => {
    const { url, path, process } = await open()
    const { memory, write, isCurrent } = process
    await memory.add([note('a'), note('b')])
    const { change } = await memory.add([note('c', SECRET)])
    await until(isCurrent)
    expect((await lookInto(url)).short).toEqual(['a', 'b', 'c'])
    await memory.pin('b', true)
    await memory.changes.undo(change!)
    await write('moveRows', { rids: [1], from: 'short', to: 'intermediate' })
    await until(isCurrent)
    const { all, short, intermediate } = await lookInto(url)
    expect([short, intermediate]).toEqual([['b'], ['a']])
    expect(all).not.toContain(SECRET)
    expect(all).toMatch(/\\"id\\":\\"b\\".*\\"pinned\\":true.*\\"version\\":2/)

    // another process has read the rows, and writes them after the record was forgotten
    const late = openMirrored(path, url)
    const keys = ['antiphon:memory:{ada}:short', 'antiphon:memory:{ada}:intermediate']
    const mark = String(await command(url, 'HGET', keys[0]!, '\u0000mark'))
    await memory.add([note('d', SECRET)])
    const report = await memory.forget({ id: 'd' })
    expect(report).toMatchObject({ status: 'done', removed: { records: 1 } })
    expect(await command(url, 'HGET', keys[0]!, '\u0000mark')).not.toBe(mark)
    const { openMirrorServer } = await import('../../../src/memory/redis/server.ts')
    const server = await openMirrorServer({ url }, { ready() {}, failed() {} })
    onTestFinished(() => server.close())
    const entries = [{ id: 'd', tier: 'short', text: SECRET }] as const
    expect(await server.write('ada', { expected: mark, mark: 'late' }, entries)).toBeUndefined()
    expect((await lookInto(url)).all).not.toContain(SECRET)

    // two processes write: neither loses what the other has written
    await Promise.all([memory.add([note('e')]), late.memory.add([note('f')])])
    await until(isCurrent)
    expect((await lookInto(url)).short).toEqual(['b', 'e', 'f'])
    expect(ready(await memory.stats().then(({ redis }) => redis!))).toBe(true)
    await memory.forget({ all: true })
    await write('forgetOwner', {})
    expect((await lookInto(url)).all).toBe('')
  })

  test('killed and started empty: nothing is lost, and an erasure waits until the server is back', async () => {
    const { url, server, process } = await open()
    const { memory, mirror, isCurrent, finish } = process
    await memory.add([note('a'), note('b', SECRET)])
    await until(isCurrent)
    await server.stop()
    await until(() => !ready(mirror.known()))
    await memory.add([note('c')])
    expect((await memory.forget({ id: 'b' })).status).toBe('pending')
    const stats = await memory.stats()
    expect(stats).toMatchObject({ pending: 1, records: 2, redis: { state: 'degraded', error: expect.any(String) } })
    expect((await memory.get('c')).text).toBe('The kiln c')
    await server.start()
    await until(() => ready(mirror.known()))
    expect(await finish()).toBe(0)
    const { short, all } = await lookInto(url)
    expect(short).toEqual(['a', 'c'])
    expect(all).not.toContain(SECRET)
  })

  test('frozen: reads and writes go on, and a write that arrives late changes nothing', async () => {
    const { url, server, process } = await open()
    const { memory, mirror, isCurrent } = process
    await memory.add([note('a')])
    await until(isCurrent)
    server.freeze()
    await memory.add([note('b', SECRET)])
    const began = performance.now()
    expect((await memory.get('b')).text).toBe(SECRET)
    expect((await memory.search({ text: SECRET })).records).toHaveLength(1)
    expect(performance.now() - began).toBeLessThan(500)
    await until(() => !ready(mirror.known()))
    expect((await memory.forget({ id: 'b' })).status).toBe('pending')
    server.thaw()
    await until(async () => (await process.finish()) === 0)
    await until(() => ready(mirror.known()))
    const { short, all } = await lookInto(url)
    expect(short).toEqual(['a'])
    expect(all).not.toContain(SECRET)
  })

  test('flushed or evicted under load: copies come back, and what does not fit is missing', async () => {
    const { url, process } = await open('--maxmemory', '2500kb', '--maxmemory-policy', 'allkeys-lru')
    const { memory, mirror, isCurrent, write } = process
    await memory.add([note('a'), note('b', SECRET)])
    await until(isCurrent)
    await command(url, 'FLUSHALL')
    await memory.forget({ id: 'b' })
    expect((await lookInto(url)).short).toEqual(['a'])
    const text = 'kiln '.repeat(2_000)
    for (let round = 0; round < 2; round++)
      await Promise.all(
        Array.from({ length: 4 }, (_, nth) =>
          memory.add(Array.from({ length: 15 }, (_, each) => note(`${round}.${nth}.${each}`, text))),
        ),
      )
    expect((await memory.stats()).records).toBe(121)
    await memory.forget({ space: '' })
    await write('settleErasures', {})
    await command(url, 'CONFIG', 'SET', 'maxmemory', '0')
    mirror.begin()
    await until(async () => (await isCurrent()) && ready(mirror.known()))
    // an erasure waits while Redis is away, until its duty tries again
    await until(async () => (await process.finish()) === 0)
    expect((await memory.stats()).pending).toBe(0)
    expect((await lookInto(url)).all).not.toContain('kiln kiln')
  })

  test('forgotten text is not in files of the server, nor back after a restart from an older copy', async () => {
    const { url, server, folder, process } = await open('--appendonly', 'yes', '--save', '3600 1')
    const { memory, mirror, isCurrent } = process
    await memory.add([note('a'), note('b', SECRET)])
    await until(isCurrent)
    await command(url, 'SAVE')
    expect(filesOf(folder)).toContain(SECRET)
    expect(await memory.forget({ id: 'b' })).toMatchObject({ status: 'done', removed: { redis: 1 } })
    expect(filesOf(folder)).not.toContain(SECRET)
    await server.stop()
    await server.start()
    // it refuses commands while it loads its files
    const { all } = await until(() => lookInto(url).catch(() => undefined))
    expect(all).not.toContain(SECRET)
    await until(() => ready(mirror.known()))
    // an operator restores an earlier state: its mark is not the one of the last write
    const keys = ['antiphon:memory:{ada}:short', 'antiphon:memory:{ada}:intermediate']
    for (const key of keys) await command(url, 'HSET', key, '\u0000mark', 'earlier')
    await command(url, 'HSET', keys[0]!, 'b', SECRET)
    mirror.begin()
    await until(async () => !(await lookInto(url)).all.includes(SECRET))
    await until(isCurrent)
    expect((await lookInto(url)).short).toEqual(['a'])
  })
})
