import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { s3AddressFrom } from '../../../src/store/blobs/s3-address.ts'

/**
 * How a request goes wrong. full: refused with 507 · slow: no answer · lost: done, and the connection breaks ·
 * lies: answered as done, and not done · torn: done with half of the bytes
 */
type Fault = 'full' | 'slow' | 'lost' | 'lies' | 'torn'

/** A bucket on the loopback of this machine, which takes only requests with a valid signature of version 4. */
export interface S3Double {
  readonly url: string
  readonly environment: Readonly<Record<string, string>>
  /** by their whole key */
  readonly objects: Map<string, Buffer>
  /** requests that were answered, such as `PUT copies/…` */
  readonly seen: string[]
  address(): ReturnType<typeof s3AddressFrom>
  /** Decides how the next requests go wrong. */
  fail(how: (method: string, key: string) => Fault | undefined): void
}

const KEY = 'AKIDREPLICA'
const SECRET = 'a secret of the replica'
const BUCKET = 'copies'
const PAGE = 7

export async function openS3Double(prefix = 'shop'): Promise<S3Double> {
  const objects = new Map<string, Buffer>()
  const seen: string[] = []
  let fault: (method: string, key: string) => Fault | undefined = () => undefined
  const server = createServer((request, response) => {
    bytesOf(request).then(
      (body) => answer(request, body, response),
      // its client was killed
      () => response.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })

  function answer(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const url = new URL(request.url!, `http://${request.headers.host}`)
    const { method = '' } = request
    const refused = faultOf(request, url, body)
    const key = decodeURIComponent(url.pathname.slice(`/${BUCKET}/`.length))
    if (refused) {
      end(response, 403, `<Error><Code>${refused}</Code></Error>`)
      return
    }
    const wrong = fault(method, key)
    seen.push(`${method} ${key}`)
    if (wrong === 'slow') return
    if (wrong === 'full') {
      end(response, 507, '<Error><Code>InsufficientStorage</Code></Error>')
      return
    }
    if (wrong !== 'lies') act(method, key, wrong === 'torn' ? body.subarray(0, body.length / 2) : body)
    const found = method === 'GET' ? (key === '' ? listing(url.searchParams) : objects.get(key)) : ''
    if (wrong === 'lost') response.destroy()
    else if (found === undefined) end(response, 404, '<Error><Code>NoSuchKey</Code></Error>')
    else end(response, 200, found)
  }

  function act(method: string, key: string, body: Buffer): void {
    if (method === 'PUT') objects.set(key, body)
    if (method === 'DELETE') objects.delete(key)
  }

  function listing(query: URLSearchParams): string {
    const after = query.get('continuation-token') ?? ''
    const keys = [...objects.keys()].filter((key) => key.startsWith(query.get('prefix')!) && key > after).sort()
    const page = keys.slice(0, PAGE)
    const items = page.map((key) => `<Contents><Key>${key}</Key><Size>${objects.get(key)!.length}</Size></Contents>`)
    const next = keys.length > PAGE ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    return `<ListBucketResult>${items.join('')}<IsTruncated>${keys.length > PAGE}</IsTruncated>${next}</ListBucketResult>`
  }

  const { port } = server.address() as AddressInfo
  const url = `s3://${BUCKET}/${prefix}?endpoint=http://127.0.0.1:${port}`
  const environment = { AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET }
  return {
    url,
    environment,
    objects,
    seen,
    address: () => s3AddressFrom(url, environment),
    fail: (how) => void (fault = how),
  }
}

function end(response: ServerResponse, status: number, body: string | Buffer): void {
  response.writeHead(status).end(body)
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}

/** The code of the refusal. Undefined for a request that is signed, and whose body is the one that was signed. */
function faultOf({ headers, method }: IncomingMessage, url: URL, body: Buffer): string | undefined {
  const signed = /Credential=([^/]+)\/(\S+?), SignedHeaders=(\S+?), Signature=(\w+)/.exec(headers.authorization ?? '')
  if (!signed) return 'AccessDenied'
  const [, key, scope = '', names = '', signature] = signed
  if (key !== KEY) return 'InvalidAccessKeyId'
  const content = String(headers['x-amz-content-sha256'])
  if (content !== sha(body)) return 'XAmzContentSHA256Mismatch'
  const query = [...url.searchParams].map((pair) => pair.map(encode).join('=')).sort()
  const canonical = [
    method,
    url.pathname,
    query.join('&'),
    ...names.split(';').map((name) => `${name}:${headers[name]}`),
    '',
    names,
    content,
  ]
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha(canonical.join('\n'))].join('\n')
  const secret = scope.split('/').reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${SECRET}`)
  return hmac(secret, text).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch'
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
const sha = (text: string | Buffer) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
