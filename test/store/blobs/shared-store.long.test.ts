import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createBlobs } from '../../../src/store/blobs/blobs.ts'
import { s3AddressFrom } from '../../../src/store/blobs/s3-address.ts'
import { s3Store } from '../../../src/store/blobs/shared-store.ts'
import { exerciseStore } from './exercise.ts'
import { describeOnS3, useS3 } from './s3-server.ts'

const SECRET = 'the secret key of a test'
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: SECRET }
const openStore = (address: string, environment: Readonly<Record<string, string>>) =>
  s3Store(s3AddressFrom(address, environment), drafts)
const drafts = mkdtempSync(join(tmpdir(), 'antiphon-drafts-'))
afterAll(() => rmSync(drafts, { recursive: true, force: true }))

let tests = 0
beforeEach(() => void tests++)

describeOnS3('an object store', () => {
  const server = useS3()
  const open = (path = `blobs/test-${tests}/of.it`, environment = server().environment) =>
    openStore(`s3://${path}?endpoint=${server().endpoint}`, environment)

  exerciseStore(() => open())

  // a server lists a thousand objects at once: this one is asked for ten
  test('is listed page by page', async () => {
    const pages: string[] = []
    const asked = createServer(async ({ url = '' }, response) => {
      const isList = url.includes('list-type=2')
      if (isList) pages.push(url)
      const answer = await fetch(`${server().endpoint}${url}${isList ? '&max-keys=10' : ''}`)
      response.writeHead(answer.status).end(await answer.text())
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void asked.close())
    const place = `blobs/test-${tests}/of.it`
    const store = createBlobs(open(place))
    await Promise.all(Array.from({ length: 25 }, (_, each) => store.put(each)))
    const { port } = asked.address() as AddressInfo
    const listed = createBlobs(openStore(`s3://${place}?endpoint=http://127.0.0.1:${port}`, server().environment))
    const swept = await listed.sweep({ used: new Set(), before: Date.now() + 60_000, dryRun: true })
    expect(swept.blobs.count).toBe(25)
    expect(pages.map((url) => url.includes('continuation-token='))).toEqual([false, true, true])
  })

  test('says that there is no such bucket', async () => {
    const store = open('none-such/x')
    for (const asked of [() => store.mark('a.b'), store.marks, () => store.read('0'.repeat(64))])
      await expect(asked()).rejects.toThrow(/s3:\/\/none-such\/x\/ at .* has no such bucket \(404 NoSuchBucket /)
  })

  describe('that looks at who comes', () => {
    beforeAll(() => server().guard())

    test('takes what is signed as it should be', async () => {
      const store = open('blobs/signed')
      await store.mark('a.b')
      expect(await store.read('0'.repeat(64))).toBeUndefined()
    })

    test.each([
      ['a wrong name', { AWS_ACCESS_KEY_ID: 'AKIANOBODY' }, 'does not know the one in AWS_ACCESS_KEY_ID'],
      ['a wrong key', { AWS_SECRET_ACCESS_KEY: SECRET }, 'does not take the key in AWS_SECRET_ACCESS_KEY'],
    ])('refuses %s, and shows no secret', async (_, wrong, said) => {
      const store = open('blobs/signed', { ...server().environment, ...wrong })
      for (const asked of [() => store.mark('a.b'), store.marks, () => store.read('0'.repeat(64))]) {
        const error = await asked().then(
          () => undefined,
          (thrown: Error) => thrown,
        )
        expect(error).toMatchObject({ name: 'RetryableError', code: 'storage' })
        expect(error!.message).toContain(said)
        expect(error!.message).not.toContain(SECRET)
      }
    })
  })
})

describe('an object store that does not work', () => {
  test('is said to be out of reach when nobody listens there', async () => {
    const store = openStore('s3://blobs/x?endpoint=http://127.0.0.1:9', CREDENTIALS)
    await expect(store.marks()).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringMatching(
        /^The object store s3:\/\/blobs\/x\/ at http:\/\/127.0.0.1:9 cannot be reached: .+/,
      ),
    })
  })

  test('is asked again, and its last reply is reported', async () => {
    const asked: string[] = []
    const answers = [500, 503, 200]
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      response.writeHead(answers.shift() ?? 500).end('<Error><Code>SlowDown</Code></Error>')
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const store = openStore(`s3://blobs?endpoint=http://127.0.0.1:${port}`, CREDENTIALS)
    await store.mark('a.b')
    expect(asked).toEqual(Array.from({ length: 3 }, () => 'PUT /blobs/marks/a.b'))
    await expect(store.mark('a.b')).rejects.toThrow('refused (500 SlowDown)')
    expect(asked).toHaveLength(7)
  })
})

describe('the address of an object store', () => {
  test('is a bucket with a prefix, at AWS unless it says where', () => {
    const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: SECRET }
    expect(s3AddressFrom('s3://bucket/a/b/?region=eu-central-1', CREDENTIALS)).toEqual({
      bucket: 'bucket',
      prefix: 'a/b/',
      region: 'eu-central-1',
      credentials,
      endpoint: 'https://s3.eu-central-1.amazonaws.com',
    })
    expect(
      s3AddressFrom('s3://bucket?endpoint=http://here:9000/', { ...CREDENTIALS, AWS_SESSION_TOKEN: 'token' }),
    ).toEqual({
      bucket: 'bucket',
      prefix: '',
      endpoint: 'http://here:9000',
      region: 'us-east-1',
      credentials: { ...credentials, sessionToken: 'token' },
    })
    expect(s3AddressFrom('s3://bucket', { ...CREDENTIALS, AWS_REGION: 'eu-west-1' }).region).toBe('eu-west-1')
  })

  test.each([
    ['s3://bucket', 'needs a region'],
    ['s3://B/x?region=r', '"B" is not the name of a bucket.'],
    ['s3://bucket/ä?region=r', 'holds more than letters'],
    ['s3://bucket?region=r&regoin=x', 'a setting "regoin"'],
    ['s3://bucket?endpoint=ftp://x', 'The endpoint of the object store is not an address.'],
    ['s3://bucket?region=a%20b', '"a b" is not a region.'],
    [`s3://key:${SECRET}@bucket?region=r`, 'holds credentials'],
    [`s3://bucket?endpoint=http://key:${encodeURIComponent(SECRET)}@here`, 'holds credentials'],
  ])('%s is refused', (address, said) => {
    const parse = () => s3AddressFrom(address.replaceAll(' ', '%20'), CREDENTIALS)
    expect(parse).toThrow(said)
    expect(parse).not.toThrow(/secret/)
  })

  test('without credentials in the environment is refused, and says which', () => {
    expect(() => s3AddressFrom('s3://bucket?region=r', { AWS_ACCESS_KEY_ID: 'AKIATEST' })).toThrow(
      expect.objectContaining({
        message: 'The environment has no credentials for the object store s3://bucket.',
        hint: expect.stringContaining('AWS_SECRET_ACCESS_KEY'),
      }),
    )
  })
})
