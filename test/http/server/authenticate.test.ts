import { expect, it } from 'vitest'
import type { Keys } from '../../../src/access/room/port.ts'
import { TerminalError } from '../../../src/errors.ts'
import { LOCAL } from '../../../src/http/authorize/caller.ts'
import { identifyByKey, identifyNobody } from '../../../src/http/server/authenticate.ts'

const KEY = { id: 'k1', name: 'ci', owner: 'team', scopes: ['run'], createdAt: 0 } as const
const keys = {
  async identify(token: string) {
    if (token !== 'good') throw new TerminalError('none', { code: 'unauthenticated' })
    return KEY
  },
} as Partial<Keys> as Keys

function asking(headers: Record<string, string>, url = 'http://127.0.0.1:8080/v1/runs'): Request {
  // a Request of the platform hides the header of the host
  return { url, headers: new Headers(headers) } as Request
}

it.each(['Bearer good', 'bearer good', 'Bearer   good'])(
  'a caller with %j is the owner of the key',
  async (authorization) => {
    const caller = await identifyByKey({ keys })(asking({ authorization }))
    expect(caller).toEqual({ owner: 'team', key: 'k1', keyName: 'ci', scopes: ['run'], local: false })
  },
)

it.each([undefined, '', 'good', 'Basic good', 'Bearer', 'Bearer bad', 'Bearer good more', 'Bearergood'])(
  'a caller with %j is refused',
  async (authorization) => {
    const asked = identifyByKey({ keys })(asking(authorization === undefined ? {} : { authorization }))
    await expect(asked).rejects.toMatchObject({ code: 'unauthenticated' })
  },
)

it('a token in the address lets nobody in', async () => {
  const asked = identifyByKey({ keys })(asking({}, 'http://good@127.0.0.1:8080/v1/runs?token=good&access_token=good'))
  await expect(asked).rejects.toMatchObject({ code: 'unauthenticated' })
})

it.each(['localhost', 'localhost:8080', '127.0.0.1:8080', '127.1.2.3', '[::1]:8080'])(
  'without keys who asks for %s is the user, but for files',
  async (host) => {
    expect(await identifyNobody()(asking({ host }))).toEqual({ ...LOCAL, local: false })
  },
)

it.each([
  '',
  'attacker.example',
  'attacker.example:8080',
  'localhost.attacker.example',
  '192.0.2.1',
  'local host',
  '[::2]',
])('without keys who asks for %j is refused', async (host) => {
  await expect(identifyNobody()(asking({ host }))).rejects.toMatchObject({ code: 'wrong_host' })
})

const HERE = { host: '127.0.0.1:8080' }

it.each([
  'https://attacker.example',
  'null',
  'http://127.0.0.1:9090',
  'http://localhost:8080',
  'https://127.0.0.1:8080',
  '',
])('without keys a page of %j, which needs no leave to send a request without a body, is refused', async (origin) => {
  await expect(identifyNobody()(asking({ ...HERE, origin }))).rejects.toMatchObject({ code: 'wrong_origin' })
})

it('without keys its own pages may ask, and those of origins that are named', async () => {
  const identify = identifyNobody(['https://app.example'])
  for (const origin of ['http://127.0.0.1:8080', 'https://app.example'])
    expect(await identify(asking({ ...HERE, origin }))).toMatchObject({ owner: 'local' })
})
