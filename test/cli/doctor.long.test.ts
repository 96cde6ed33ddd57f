import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { RestateServer } from '../../src/engine/restate/server/server.ts'
import { until } from '../../src/testing/until.ts'
import { actor, RECORDER, recorderActor, ref } from '../../trials/conformance/actors.ts'
import { describeOnRestate, useRestate } from '../engine/restate/server.ts'
import { openOperator } from './operator.ts'

type Check = { readonly name: string; readonly ok: boolean; readonly text: string }

/** Sleeps for long between two attempts of its effect. */
const sleeper = actor(
  'sleeper',
  0,
  async (count, _message, effects) => {
    await effects.run('try', () => Promise.reject(new Error('not yet')))
    return { state: count + 1 }
  },
  { supervise: () => ({ type: 'retry', delay: 600_000 }) },
)

describeOnRestate('doctor on a Restate server', () => {
  const server = useRestate()

  async function examine(operator: ReturnType<typeof openOperator>) {
    const { code, out } = await operator.run('doctor', '--json')
    const { checks, cluster } = JSON.parse(out) as { checks: Check[]; cluster: { stuck: unknown[] } }
    const named = (name: string) => checks.filter((check) => check.name === name)
    return { code, named, cluster, bad: checks.filter(({ ok }) => !ok) }
  }

  it('finds nothing wrong with a node that works, and becomes none by looking', async () => {
    const operator = openOperator(server.now(), 'fine')
    const node = await operator.start('r1', [sleeper, recorderActor()])
    await node.engine.tell(RECORDER, 'a')
    await node.engine.tell(ref('sleeper'), 'b')
    const { code, named, bad } = await examine(operator)
    expect(bad).toEqual([])
    expect(code).toBe(0)
    expect(named('store')[0]!.text).toMatch(
      /^restate-server 1\.7\.12 at http.*its namespace for this application is fine$/,
    )
    expect(named('release').map(({ text }) => text)).toEqual([
      expect.stringMatching(/^r1 at http.*the newest; it answers; 1 open turn$/),
    ])
    expect(named('services')[0]!.text).toMatch(
      /remembered for 24 h 0 min.*aborted after 25 h 15 min; the number of attempts is not limited/,
    )
    expect(named('clock')[0]!.text).toMatch(/server/)
    expect(existsSync(join(operator.folder, '.antiphon'))).toBe(false)
  })

  it('says which checks it cannot make when no node of its folder runs', async () => {
    const operator = openOperator(server.now(), 'nobody')
    expect((await operator.run('runs')).code).toBe(0)
    mkdirSync(join(operator.folder, '.antiphon'))
    expect((await operator.run('runs')).code).toBe(0)
    const { named } = await examine(operator)
    expect(named('actors')).toEqual([
      { name: 'actors', ok: true, text: expect.stringMatching(/^not checked: no node of this folder is running/) },
    ])
    expect(named('retention')[0]!.text).toMatch(/^0 blobs .*; old data: not checked: no node/)
    expect(named('release')).toEqual([
      {
        name: 'release',
        ok: false,
        text: expect.stringMatching(/the newest; no node of it can be reached from here.*ECONNREFUSED.*Start one/),
      },
    ])
  })

  it('tells of a release whose nodes are gone, and of a turn that waits for it', async () => {
    const operator = openOperator(server.now(), 'gone')
    const old = await operator.start('r1', [sleeper])
    await old.engine.tell(ref('sleeper', 'a'), 'x')
    await until(async () => (await examine(operator)).named('release')[0]!.text.includes('1 open turn'))
    await operator.start('r2', [sleeper])
    expect((await examine(operator)).named('release')[1]!.text).toMatch(
      /older; it answers; 1 open turn.*doctor move r1/,
    )
    await old.stop()
    const { code, named, cluster } = await until(async () => {
      const found = await examine(operator)
      return found.named('turn').some(({ text }) => text.includes('no node could be reached')) && found
    })
    expect(code).toBe(1)
    expect(named('release').map(({ ok }) => ok)).toEqual([true, false])
    expect(named('turn')[0]!.text).toMatch(
      /^sleeper\/a, tried \d+ times, since .*: no node could be reached at the address of its release\. Start release r1 again, or: antiphon doctor move r1$/,
    )
    expect(cluster.stuck).toMatchObject([{ target: 'sleeper/a', status: 'backing-off' }])
  })

  it('tells which old release may be retired', async () => {
    const operator = openOperator(server.now(), 'retired')
    await operator.start('r1', [recorderActor()])
    await operator.start('r2', [recorderActor()])
    const { code, named } = await examine(operator)
    expect(code).toBe(0)
    const [command] = /curl .*$/.exec(named('release')[1]!.text)!
    const [, url] = /-X DELETE "(.*)"/.exec(command)!
    expect((await fetch(url!, { method: 'DELETE' })).ok).toBe(true)
    expect((await examine(operator)).named('release')).toHaveLength(1)
  })

  it('finds a release that lacks kinds, and state that no release has', async () => {
    const operator = openOperator(server.now(), 'forced')
    const old = await operator.start('r1', [sleeper, recorderActor()])
    await old.engine.tell(RECORDER, 'a')
    await operator.start('r2', [sleeper])
    const { code, named } = await examine(operator)
    expect(code).toBe(1)
    expect(named('release')[0]).toMatchObject({
      ok: false,
      text: expect.stringMatching(/It lacks forced\.recorder, .* r1 gets their messages/),
    })
    await old.stop()
    await operator.start('r1', [sleeper], old.port).catch(() => {})
    const forced = { uri: `http://127.0.0.1:${old.port}/r1`, force: true }
    const headers = { 'content-type': 'application/json' }
    const sent = { method: 'POST', headers, body: JSON.stringify(forced) }
    expect((await fetch(`${operator.admin}/deployments`, sent)).ok).toBe(true)
    const after = await examine(operator)
    expect(after.code).toBe(1)
    expect(after.named('state')[0]!.text).toMatch(
      /^forced\.recorder: the server holds state or mail for it, and no release/,
    )
  })

  it('finds timeouts below the longest effect, short memory and an end to attempts', async () => {
    const operator = openOperator(server.now(), 'short')
    await operator.start('r1', [recorderActor()])
    const settings = { idempotency_retention: '1h', inactivity_timeout: '1m', abort_timeout: '10m' }
    await operator.patch('/services/short.recorder', settings)
    const { code, named } = await examine(operator)
    expect(code).toBe(1)
    expect(named('services')[0]!.text).toMatch(
      /^short\.recorder remembers ids for 1 h 0 min; .*short\.recorder aborts an effect after 11 min 0 s; a step may take 24 h 0 min/,
    )
  })
})

it('the doctor says which server it cannot reach', async () => {
  const operator = openOperator({ admin: 'http://127.0.0.1:9', ingress: '' } as RestateServer, 'away')
  const { code, out } = await operator.run('doctor')
  expect(code).toBe(1)
  expect(out).toMatch(/^BAD +store +No Restate server answers at http:\/\/127\.0\.0\.1:9/m)
})

it('the doctor reports a server that is too old, and a node refuses it', async () => {
  const old = createServer((_, response) => {
    response.end(JSON.stringify({ version: '1.6.2', ingress_endpoint: 'http://127.0.0.1:9/' }))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void old.close())
  await once(old, 'listening')
  const admin = `http://127.0.0.1:${(old.address() as AddressInfo).port}`
  const operator = openOperator({ admin, ingress: '' } as RestateServer, 'old')
  const { code, out } = await operator.run('doctor')
  expect(code).toBe(1)
  expect(out).toMatch(
    /^BAD +store +restate-server 1\.6\.2 at .* is too old: version 1\.7\.0 or newer is needed; 1\.7\.12 was tested$/m,
  )
  mkdirSync(join(operator.folder, '.antiphon'))
  expect(await operator.run('runs')).toMatchObject({
    code: 2,
    err: expect.stringContaining('expected 1.7.0 or newer'),
  })
})
