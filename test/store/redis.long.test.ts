import { createClient } from '@redis/client'
import { expect, onTestFinished, test } from 'vitest'
import { openRedis, type RedisAddress } from '../../src/store/redis.ts'
import { until } from '../../src/testing/until.ts'
import { describeOnRedis, startRedis } from './redis-server.ts'

async function open(address: RedisAddress) {
  const redis = await openRedis(address)
  onTestFinished(() => redis.close())
  const states: boolean[] = []
  redis.watch((hears) => void (hears !== states.at(-1) && states.push(hears)))
  return { ...redis, states }
}

/** How often a server was told a command. */
async function timesOf(address: RedisAddress, command: string): Promise<number> {
  const client = createClient({ url: address.url })
  await client.connect()
  const said = await client.info('commandstats')
  client.destroy()
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(said)![1])
}

describeOnRedis('Redis', () => {
  test('delivers texts in order to listeners only', async () => {
    const { url } = await startRedis()
    const [one, other] = [await open({ url }), await open({ url })]
    const heard: string[] = []
    const leave = other.listen('a', (text) => void heard.push(text))
    other.listen('b', (text) => void heard.push(`b ${text}`))
    await until(() => one.publish('b', 'there') && heard.length > 0)
    for (let n = 0; n < 1_000; n++) one.publish('a', `${n}`)
    await until(() => heard.includes('999'))
    expect(heard.filter((text) => !text.startsWith('b'))).toEqual(Array.from({ length: 1_000 }, (_, n) => `${n}`))
    leave()
    one.publish('a', 'late')
    await until(() => one.publish('b', 'end') && heard.at(-1) === 'b end')
    expect(heard).not.toContain('late')
  })

  test('that is away sends nothing and says so; back again it is listened to where it was before', async () => {
    const server = await startRedis()
    const [one, other] = [await open(server), await open(server)]
    const heard: string[] = []
    other.listen('a', (text) => void heard.push(text))
    await until(() => one.publish('a', 'before') && heard.length > 0)
    await server.stop()
    await until(() => !one.publish('a', 'away'))
    await until(() => one.problem())
    await server.start()
    await until(() => one.publish('a', 'after') && heard.includes('after'))
    expect(heard).not.toContain('away')
    expect([one.problem(), other.states]).toEqual([undefined, [false, true, false, true]])
  })

  test('that returns gets only the current subscriptions', async () => {
    const server = await startRedis()
    const redis = await open(server)
    const heard: string[] = []
    const leave = redis.listen('left', () => void heard.push('left'))
    await until(() => redis.publish('left', '') && heard.length > 0)
    await server.stop()
    await until(() => redis.states.at(-1) === false)
    leave()
    for (let n = 0; n < 1_000; n++) redis.listen(`${n}`, () => {})()
    redis.listen('joined', () => void heard.push('joined'))
    await server.start()
    heard.length = 0
    await until(() => redis.publish('left', '') && redis.publish('joined', '') && heard.includes('joined'))
    expect(heard).not.toContain('left')
    expect(await timesOf(server, 'subscribe')).toBeLessThan(5)
  })

  test('with a password is asked as who the environment says, and without one refuses', async () => {
    const { url } = await startRedis('--requirepass', 'a secret of a test')
    const [known, unknown] = [await open({ url, password: 'a secret of a test' }), await open({ url })]
    await until(() => known.publish('a', 'text'))
    expect(await until(() => unknown.problem())).toMatch(/NOAUTH|[Aa]uth/)
    const wrong = await open({ url, password: 'a wrong secret' })
    expect(await until(() => wrong.problem())).not.toContain('secret')
  })

  test('that does not answer takes a bounded backlog, and nobody waits for it', async () => {
    const server = await startRedis()
    const redis = await open(server)
    const text = 'x'.repeat(100_000)
    await until(() => redis.publish('a', text))
    server.freeze()
    await until(() => !redis.publish('a', text))
    let sent = 0
    while (sent < 1_000 && redis.publish('a', 'x')) sent++
    expect(sent).toBeLessThan(200)
  })
})
