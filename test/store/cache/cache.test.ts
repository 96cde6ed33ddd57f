import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Cache, type CacheLayers, type CacheOptions, createCache } from '../../../src/store/cache/cache.ts'
import { diskLayer } from '../../../src/store/cache/disk.ts'
import { cacheKey, canonicalJson } from '../../../src/store/cache/key.ts'
import { openRedisCache } from '../../../src/store/cache/redis.ts'
import { gate as createGate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/until.ts'
import { describeOnRedis, startRedis } from '../redis-server.ts'

const never = new AbortController().signal
const K = 'a'.repeat(64)
const L = 'b'.repeat(64)

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cache-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A cache, what is asked of it by key, and how often something was made. */
function open(parts: Partial<CacheLayers> = {}) {
  const time = { now: 0 }
  const cache = createCache({ memory: 100_000, now: () => time.now, ...parts })
  onTestFinished(() => cache.close())
  return { cache, time, ...asker(cache) }
}

function asker(cache: Cache) {
  const made: string[] = []
  const take = (key: string, value: unknown = key, terms: Partial<CacheOptions<unknown>> = {}) =>
    cache.through(key, { ttl: 1000, signal: never, ...terms }, async () => {
      made.push(key)
      return value
    })
  return { made, take }
}

describe('a result', () => {
  test('A26: is computed once for simultaneous callers, and each gets its own copy', async () => {
    const { cache } = open()
    const gate = createGate()
    let made = 0
    const results = Array.from({ length: 20 }, () =>
      cache.through(K, { ttl: 1000, signal: never }, async () => {
        made++
        await gate.pass()
        return { list: [made] }
      }),
    )
    gate.release()
    const taken = await Promise.all(results)
    expect(taken.map(({ value }) => value)).toEqual(Array(20).fill({ list: [1] }))
    expect(taken.filter(({ cached }) => !cached)).toHaveLength(1)
    expect(new Set(taken.map(({ value }) => value)).size).toBe(20)
    expect(cache.counts()).toMatchObject({ made: 1, shared: 19 })
  })

  test('A26: is taken again until its time is over', async () => {
    const { take, time, made } = open()
    expect(await take(K)).toEqual({ value: K, cached: false })
    time.now = 999
    expect(await take(K)).toEqual({ value: K, cached: true })
    time.now = 1000
    expect(await take(K)).toEqual({ value: K, cached: false })
    expect(made).toEqual([K, K])
  })

  test.each([[0], [''], [false], [null], [[]], [{}]])('may be %j', async (value) => {
    const { take } = open()
    await take(K, value)
    expect(await take(K)).toEqual({ value, cached: true })
  })

  test('that is not worth it is not kept', async () => {
    const { take } = open()
    const isWorth = (value: unknown) => value !== 'no'
    await take(K, 'no', { isWorth })
    expect(await take(K, 'yes', { isWorth })).toEqual({ value: 'yes', cached: false })
    expect(await take(K, 'no', { isWorth })).toEqual({ value: 'yes', cached: true })
  })

  test('A26: that is a failure is neither kept nor shared: each waiting caller computes it', async () => {
    const { cache, take } = open()
    const gate = createGate()
    const fail = () =>
      cache.through(K, { ttl: 1000, signal: never }, async () => {
        await gate.pass()
        throw new Error('no')
      })
    const all = Promise.allSettled([fail(), take(K), fail()])
    gate.release()
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected'])
    expect(await take(K)).toEqual({ value: K, cached: true })
  })

  test('is computed by the next caller if the first one is cancelled, and a wait for it can be cancelled', async () => {
    const { cache, take } = open()
    const [first, third] = [new AbortController(), new AbortController()]
    const making = cache.through(K, { ttl: 1000, signal: first.signal }, () => {
      const { promise, reject } = Promise.withResolvers<string>()
      first.signal.addEventListener('abort', () => reject(first.signal.reason))
      return promise
    })
    const next = take(K, 'mine')
    const gone = take(K, 'gone', { signal: third.signal })
    third.abort(new Error('left'))
    await expect(gone).rejects.toThrow('left')
    first.abort(new Error('off'))
    await expect(making).rejects.toThrow('off')
    expect(await next).toEqual({ value: 'mine', cached: false })
  })

  test('A26: is void once one of its tags was dropped, also while it is being made', async () => {
    const { cache, take, made } = open()
    const tags = ['model/x', 'owner/y']
    await take(K, 1, { tags })
    await take(L, 1, { tags: ['model/z'] })
    await cache.drop('owner/y')
    expect(await take(K, 2, { tags })).toEqual({ value: 2, cached: false })
    expect(await take(L, 2, { tags: ['model/z'] })).toEqual({ value: 1, cached: true })

    const gate = createGate()
    const slow = cache.through('slow', { ttl: 1000, tags, signal: never }, async () => {
      await gate.pass()
      return 'old'
    })
    await gate.started
    await cache.drop('model/x')
    gate.release()
    expect((await slow).value).toBe('old')
    expect(await take('slow', 'new', { tags })).toEqual({ value: 'new', cached: false })
    expect(made).toEqual([K, L, K, 'slow'])
  })

  test('goes when there are newer ones and no room', async () => {
    const { take } = open({ memory: 10_000 })
    const long = 'x'.repeat(2000)
    await take('1', long)
    await take('2', long)
    await take('1')
    await take('3', long)
    expect([(await take('1')).cached, (await take('2')).cached]).toEqual([true, false])
  })
})

describe('the key', () => {
  test('is the same for the same in another order, and another for another owner, version or value', () => {
    const origin = { kind: 'model', version: '1', owner: 'ada', input: { a: 1, b: { c: [1], d: undefined } } }
    expect(cacheKey(origin)).toMatch(/^[0-9a-f]{64}$/)
    expect(cacheKey({ ...origin, input: { b: { c: [1] }, a: 1 } })).toBe(cacheKey(origin))
    const others = [
      { ...origin, owner: 'bob' },
      { ...origin, version: '2' },
      { ...origin, input: { a: 1, b: { c: ['1'] } } },
      { ...origin, input: { a: 1, b: { c: [1], d: null } } },
    ]
    expect(new Set([origin, ...others].map(cacheKey)).size).toBe(5)
    expect(canonicalJson({ x: [['a', 1]] })).not.toBe(canonicalJson({ x: { a: 1 } }))
  })
})

describe('on disk', () => {
  const onDisk = (folder: string, bytes = 100_000) => {
    const opened = open({ behind: [diskLayer({ folder, bytes })] })
    return { ...opened, close: () => opened.cache.close() }
  }

  test('a result is there for the next process, until its tag is dropped', async () => {
    const folder = join(temporary(), 'cache')
    const first = onDisk(folder)
    await first.take(K, 'kept', { tags: ['t'] })
    await first.take(L, 'kept', { tags: ['u'] })
    await first.close()
    expect(statSync(join(folder, K)).mode & 0o777).toBe(0o600)
    const second = onDisk(folder)
    expect(await second.take(K, 'new', { tags: ['t'] })).toEqual({ value: 'kept', cached: true })
    expect(second.cache.counts()).toMatchObject({ disk: 1, made: 0 })
    await second.cache.drop('t')
    const third = onDisk(folder)
    expect(await third.take(K, 'new', { tags: ['t'] })).toEqual({ value: 'new', cached: false })
    expect(await third.take(L, 'new', { tags: ['u'] })).toEqual({ value: 'kept', cached: true })
  })

  test('the counts say what is cached, and what is dropped is removed: of a tag, or all of it, for the next process as well', async () => {
    const folder = temporary()
    const parts = () => ({ behind: [diskLayer({ folder, bytes: 100_000 })] })
    const { cache, take } = open(parts())
    await take(K, 'one', { tags: ['a', 'b'] })
    await take(L, 'another', { tags: ['b'] })
    await take(L, 'another', { tags: ['b'] })
    const told = async () => {
      const { places, ...counts } = await cache.report()
      return [places.map(({ name, hits, entries, most }) => [name, hits, entries, most]), counts] as const
    }
    await until(async () => (await told())[0][1]?.[2] === 2)
    expect(await told()).toEqual([
      [
        ['memory', 1, 2, 100_000],
        ['disk', 0, 2, 100_000],
      ],
      { shared: 0, made: 2, failed: 0 },
    ])
    expect((await cache.report()).places.every(({ bytes }) => bytes! > 0)).toBe(true)
    const each = (entries: number) => [
      { name: 'memory', entries },
      { name: 'disk', entries },
    ]
    expect(await cache.drop('a')).toEqual(each(1))
    expect(readdirSync(folder).sort()).toEqual([L, 'tags.json'])
    expect(await cache.drop('other')).toEqual(each(0))
    expect((await take(L, 'another', { tags: ['b'] })).cached).toBe(true)
    expect(await cache.drop()).toEqual(each(1))
    expect((await cache.report()).places).toMatchObject([
      { entries: 0, bytes: 0 },
      { entries: 0, bytes: 0 },
    ])
    await cache.close()
    const next = open(parts())
    expect((await next.take(L, 'another', { tags: ['b'] })).cached).toBe(false)
  })

  test('all that is being made while everything is dropped is made again', async () => {
    const { cache, take, made } = open()
    const gate = createGate()
    const making = cache.through(K, { ttl: 1000, signal: never }, async () => {
      await gate.pass()
      return 1
    })
    await gate.started
    await cache.drop()
    gate.release()
    await making
    await take(K)
    expect(made).toEqual([K])
  })

  test('all that was dropped at once stays so for the next process', async () => {
    const folder = temporary()
    const layer = diskLayer({ folder, bytes: 1000 })
    const tags = Array.from({ length: 50 }, (_, n) => `t${n}`)
    await Promise.all(tags.map((tag) => layer.drop(tag)))
    expect(await diskLayer({ folder, bytes: 1000 }).marksOf(tags)).toEqual(await layer.marksOf(tags))
  })

  test('no file names what was dropped', async () => {
    const folder = temporary()
    const terms = { tags: ['owner/ann'] }
    const first = onDisk(folder)
    await first.take(K, 'kept', terms)
    await first.cache.drop('owner/ann')
    await first.take(K, 'again', terms)
    await first.close()
    const second = onDisk(folder)
    expect(await second.take(K, 'new', terms)).toEqual({ value: 'again', cached: true })
    await second.cache.drop('owner/ann')
    await second.close()
    expect(
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'utf8'))
        .join(),
    ).not.toMatch(/\bann\b/)
  })

  test('a damaged file is none, and where the marks of tags are lost all is made anew', async () => {
    const folder = temporary()
    const first = onDisk(folder)
    for (const key of [K, L]) await first.take(key, 'kept')
    await first.close()
    appendFileSync(join(folder, K), 'x')
    writeFileSync(join(folder, 'draft-1'), 'half')
    const second = onDisk(folder)
    expect([await second.take(K), await second.take(L)].map(({ cached }) => cached)).toEqual([false, true])
    await second.close()
    expect(readdirSync(folder).sort()).toEqual([K, L, 'tags.json'])
    writeFileSync(join(folder, 'tags.json'), '{')
    const third = onDisk(folder)
    expect((await third.take(L)).cached).toBe(false)
  })

  test('there are never more bytes than allowed, those used last, after a restart too', async () => {
    const folder = temporary()
    const long = 'x'.repeat(1000)
    const sizes = () => readdirSync(folder).filter((name) => name !== 'tags.json')
    const first = onDisk(folder, 3500)
    for (let n = 0; n < 10; n++) await first.take(`${n}`.repeat(64), long)
    await first.close()
    expect(sizes().sort()).toEqual(['7', '8', '9'].map((n) => n.repeat(64)))
    const second = onDisk(folder, 1500)
    await second.take('0'.repeat(64), 'short')
    await second.close()
    expect(sizes().length).toBeLessThanOrEqual(2)
  })

  test('a folder that cannot be makes nothing fail', async () => {
    const file = join(temporary(), 'file')
    writeFileSync(file, '')
    const { take, cache } = onDisk(join(file, 'cache'))
    expect(await take(K)).toEqual({ value: K, cached: false })
    expect(cache.counts().failed).toBeGreaterThan(0)
  })
})

describeOnRedis('on Redis', () => {
  test('nodes share what one has made and drop it for all; while the server is away what is known goes on', async () => {
    const server = await startRedis()
    const node = async () => {
      const redis = await openRedisCache({ url: server.url })
      return { ...open({ behind: [redis], now: Date.now }), redis }
    }
    const [one, other] = [await node(), await node()]
    const terms = { ttl: 60_000, tags: ['t'] }
    await until(async () => (await one.redis.marksOf([])) && (await other.redis.marksOf([])))
    await one.take(K, 'made', terms)
    await until(async () => other.redis.get(K))
    expect(await other.take(K, 'new', terms)).toEqual({ value: 'made', cached: true })
    expect(other.cache.counts()).toMatchObject({ redis: 1, made: 0 })

    await server.stop()
    expect(await other.take(K, 'new', terms)).toEqual({ value: 'made', cached: true })
    expect(other.cache.counts()).toMatchObject({ memory: 1 })
    await expect(other.cache.drop('t')).rejects.toMatchObject({ name: 'RetryableError' })

    // of who does not answer nobody waits for long
    await server.start()
    await until(() => one.redis.marksOf([]))
    server.freeze()
    const began = performance.now()
    expect((await one.take(L, 'made', terms)).value).toBe('made')
    expect(performance.now() - began).toBeLessThan(3_000)
    await server.stop()

    // it has lost what it had, and with it what was dropped
    await server.start()
    await until(async () =>
      one.cache.drop('t').then(
        () => true,
        () => false,
      ),
    )
    await until(async () => (await other.take(K, 'new', terms)).value === 'new')
  })

  test('a drop at one node, of a tag or of all, holds for the others, and for itself even if the server is away', async () => {
    const server = await startRedis()
    const node = async () => {
      const redis = await openRedisCache({ url: server.url })
      return { ...open({ behind: [redis], now: Date.now }), redis }
    }
    const [one, other] = [await node(), await node()]
    const terms = { ttl: 60_000, tags: ['t'] }
    await until(async () => (await one.redis.marksOf([])) && (await other.redis.marksOf([])))
    const keep = async (value: string) => {
      await one.take(K, value, terms)
      await until(async () => (await other.redis.get(K))?.text === JSON.stringify(value))
    }
    await keep('first')
    expect(await one.cache.drop()).toEqual([{ name: 'memory', entries: 1 }])
    expect((await one.cache.report()).places).toMatchObject([
      { name: 'memory', entries: 0 },
      { name: 'redis', hits: 0 },
    ])
    expect(await other.take(L, 'other', terms)).toEqual({ value: 'other', cached: false })
    await keep('second')
    expect((await other.take(K, 'third', terms)).value).toBe('second')
    const { marks } = (await one.redis.get(K))!
    for (const tag of ['t', undefined]) {
      await one.cache.drop(tag)
      await server.stop()
      const now = await one.redis.marksOf(['t'])
      expect(now?.[tag ?? '']).not.toBe(marks[tag ?? ''])
      expect(await one.take(K, 'anew', { ...terms, isWorth: () => false })).toEqual({ value: 'anew', cached: false })
      expect((await one.cache.report()).places[1]).toMatchObject({ name: 'redis', problem: expect.any(String) })
      await server.start()
      await until(async () => (await one.redis.marksOf([])) && one.redis.problem() === undefined)
    }
  })

  test('a process that ends at once keeps its result there and takes it, without waiting first', async () => {
    const server = await startRedis()
    const process = async (value: string) => {
      const cache = createCache({ memory: 100_000, behind: [await openRedisCache({ url: server.url })] })
      const { value: taken } = await asker(cache).take(K, value, { ttl: 60_000 })
      await cache.close()
      return taken
    }
    expect([await process('first'), await process('second')]).toEqual(['first', 'first'])
  })
})

describe('without the Redis server that is configured', () => {
  const folders = () => {
    const folder = temporary()
    return async () => {
      const redis = await openRedisCache({ url: 'redis://127.0.0.1:9' })
      return open({ now: Date.now, behind: [redis, diskLayer({ folder, bytes: 100_000 })] })
    }
  }

  test('memory and disk serve, and what is dropped is void there', async () => {
    const process = folders()
    const one = await process()
    const terms = { ttl: 60_000, tags: ['t'] }
    expect(await one.take(K, 'first', terms)).toEqual({ value: 'first', cached: false })
    expect(await one.take(K, 'second', terms)).toEqual({ value: 'first', cached: true })
    await one.cache.close()
    const other = await process()
    expect(await other.take(K, 'third', terms)).toEqual({ value: 'first', cached: true })
    expect(other.cache.counts()).toMatchObject({ disk: 1, made: 0 })
    await expect(other.cache.drop('t')).rejects.toMatchObject({ name: 'RetryableError' })
    expect(await other.take(K, 'fourth', terms)).toEqual({ value: 'fourth', cached: false })
  })
})
