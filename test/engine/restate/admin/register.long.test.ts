import { expect, it } from 'vitest'
import { register } from '../../../../src/engine/restate/admin/register.ts'
import { createClient, type RestateClient } from '../../../../src/engine/restate/client/client.ts'
import { serviceNames } from '../../../../src/engine/restate/names.ts'
import { addressOf } from '../../../../src/engine/restate/node/endpoint.ts'
import { AntiphonError } from '../../../../src/errors.ts'

const NAMES = serviceNames('antiphon')
const ELSEWHERE = `Restate answered 500: {"message":"[META0003] got status code '503 Service Unavailable'. Body: "}`
const UNSIGNED = `Restate answered 500: {"message":"[META0003] got status code '401 Unauthorized'. Body: "}`

/** A server that first gives those errors. */
function serverWith(errors: string[]): RestateClient {
  const services = [NAMES.directory, NAMES.ofKind('counter')].map((name) => ({ name }))
  return {
    ...createClient({ admin: 'http://127.0.0.1:9', ingress: 'http://127.0.0.1:9' }),
    async admin() {
      const message = errors.shift()
      if (message) throw new AntiphonError(message, { code: 'restate' })
      return Response.json({ services })
    },
    call: async () => ({ status: 200, body: [] }),
  }
}

it('a release is announced again when a node of another release answered at the address that they share', async () => {
  const errors = [ELSEWHERE, ELSEWHERE]
  await register(serverWith(errors), NAMES, ['counter'], 'http://127.0.0.1:9080/new')
  expect(errors).toEqual([])
})

it('the refusal of its own node is reported at once', async () => {
  const errors = [UNSIGNED, ELSEWHERE]
  const registered = register(serverWith(errors), NAMES, ['counter'], 'http://127.0.0.1:9080/new')
  await expect(registered).rejects.toMatchObject({
    code: 'not_reached',
    message: expect.stringContaining("at http://127.0.0.1:9080/new: got status code '401 Unauthorized'"),
    hint: expect.stringContaining('`identity`'),
  })
  expect(errors).toEqual([ELSEWHERE])
})

it('the address of a node is a URL also where it listens on IPv6', () => {
  expect([addressOf('::1', 9080), addressOf('127.0.0.1', 9080)]).toEqual(['http://[::1]:9080', 'http://127.0.0.1:9080'])
})
