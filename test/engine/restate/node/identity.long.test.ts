import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { restateEngine } from '../../../../src/engine/restate/engine.ts'
import type { IdentityKeys } from '../../../../src/engine/restate/identity-keys.ts'
import { findPorts } from '../../../../src/engine/restate/server/ports.ts'
import { RECORDER, recorderActor } from '../../../../trials/conformance/actors.ts'
import { describeOnRestate, useRestate } from '../server.ts'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Bytes as the server writes its public key. */
function base58(bytes: Buffer): string {
  let text = ''
  for (let rest = BigInt(`0x${bytes.toString('hex')}`); rest > 0n; rest /= 58n)
    text = ALPHABET[Number(rest % 58n)] + text
  const zeros = bytes.findIndex((byte) => byte !== 0)
  return `${'1'.repeat(zeros)}${text}`
}

function newKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  return { pem: privateKey.export({ format: 'pem', type: 'pkcs8' }), name: `publickeyv1_${base58(raw)}` }
}

/** What a node answers who calls a handler without a signature. */
async function callUnsigned(port: number, release: string, service: string): Promise<number> {
  const session = connect(`http://127.0.0.1:${port}`)
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  session.on('error', reject)
  const headers = { ':method': 'POST', 'content-type': 'application/vnd.restate.invocation.v5' }
  const request = session.request({ ':path': `/${release}/invoke/${service}/take`, ...headers })
  request.on('response', ({ ':status': status }) => resolve(status!)).on('error', reject)
  request.end()
  return promise.finally(() => session.destroy())
}

describeOnRestate('a server that signs its calls', () => {
  const key = newKey()
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-key-'))
  const file = join(folder, 'private.pem')
  writeFileSync(file, key.pem, { mode: 0o600 })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const server = useRestate(() => ({ RESTATE_WORKER__INVOKER__REQUEST_IDENTITY_PRIVATE_KEY_PEM_FILE: file }))

  async function openNode(namespace: string, host: string, identity: IdentityKeys) {
    const [port] = await findPorts(1)
    // a port may come again, and the server knows who was there by the release
    const place = { ...server.now(), namespace, release: namespace, host, port: port! }
    const engine = restateEngine({ ...place, address: `http://127.0.0.1:${port}`, identity, actors: [recorderActor()] })
    onTestFinished(() => engine.stop({ grace: 0 }))
    return { engine, port: port! }
  }

  it('turns run only on a node that knows the key of the server', async () => {
    const { engine, port } = await openNode('signed', '0.0.0.0', [key.name])
    await engine.start()
    expect(await engine.ask(RECORDER, 'a')).toBe(1)
    expect(await callUnsigned(port, 'signed', 'signed.recorder')).toBe(401)
    expect(await engine.ask(RECORDER, 'b')).toBe(2)
  })

  it('is one of many for a node that asks for none', async () => {
    const { engine, port } = await openNode('open', '0.0.0.0', 'none')
    await engine.start()
    expect(await engine.ask(RECORDER, 'a')).toBe(1)
    expect(await callUnsigned(port, 'open', 'open.recorder')).toBe(200)
  })

  it('is refused by a node that knows another key', async () => {
    const { engine } = await openNode('other', '127.0.0.1', [newKey().name])
    await expect(engine.start()).rejects.toThrow('401')
  })
})

describe('a node that others could reach', () => {
  const open = (host: string) => restateEngine({ ingress: NOWHERE, admin: NOWHERE, host, actors: [recorderActor()] })

  it.each(['0.0.0.0', '::', '10.0.0.1', 'node.local'])('does not start on %s without a key', async (host) => {
    await expect(open(host).start()).rejects.toMatchObject({
      code: 'open_node',
      hint: expect.stringContaining('identity: [publickeyv1_…]'),
    })
  })
})

const NOWHERE = 'http://127.0.0.1:9'
