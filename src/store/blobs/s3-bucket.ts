import { setTimeout as sleep } from 'node:timers/promises'
import type { AwsClient } from 'aws4fetch'
import { RetryableError } from '../../errors.ts'
import { ownValue } from '../../lib/own.ts'
import { type BlobDraft, type ByteRange, readFileIn } from './draft.ts'
import type { S3Address } from './s3-address.ts'

/** A bucket. Requests are retried on server and network failures, then fail with a RetryableError of code `storage`. */
export interface S3Bucket {
  /** Undefined if missing. */
  get(key: string): Promise<string | undefined>
  /** `hash`: the SHA-256 of the text, which the server verifies. */
  put(key: string, text: string, hash: string): Promise<void>
  /** The bytes of an object, or a range of them; undefined if missing. */
  open(key: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array> | undefined>
  /** Uploads a file. The server verifies its SHA-256. */
  putFile(key: string, file: BlobDraft): Promise<void>
  remove(key: string): Promise<void>
  list(prefix: string): AsyncIterable<Listed>
}

type Sent = {
  readonly method: string
  readonly query?: string
  readonly body?: string
  readonly hash?: string
  readonly file?: BlobDraft
  readonly range?: string
  /** gives the content of the object as a stream */
  readonly opens?: true
}

/** ms per attempt, enough for the largest value; bytes per ms of a file; attempts; ms before the second one. */
const LIMITS = { attempt: 60_000, bytesPerMs: 500, attempts: 4, pause: 100 }

/** `ending` interrupts requests and their retries. */
export function openS3Bucket(address: S3Address, ending: AbortSignal = new AbortController().signal): S3Bucket {
  const { bucket, prefix, endpoint, region, credentials } = address
  const name = `s3://${bucket}/${prefix} at ${endpoint}`
  let client: Promise<AwsClient> | undefined
  const load = () =>
    import('aws4fetch').then(({ AwsClient: Client }) => new Client({ ...credentials, region, service: 's3' }))

  async function request(key: string, sent: Sent, signal: AbortSignal): Promise<Response> {
    const { method, query = '', body, hash = sent.file?.hash ?? EMPTY, file, range } = sent
    client ??= load()
    const headers = { 'x-amz-content-sha256': hash, ...(range !== undefined && { range }) }
    // sign each attempt anew: a signature expires after minutes
    const signed = await (await client).sign(`${endpoint}/${bucket}/${key}${query}`, {
      method,
      headers,
      ...(body !== undefined && { body }),
    })
    return fetch(signed, { redirect: 'manual', signal, ...(file && upload(file, signed.headers)) })
  }

  async function attempt(key: string, sent: Sent): Promise<S3Answer> {
    const giveUp = new AbortController()
    const ms = LIMITS.attempt + (sent.file?.bytes ?? 0) / LIMITS.bytesPerMs
    const timer = setTimeout(() => giveUp.abort(new Error(`no answer in ${Math.round(ms / 1000)} s`)), ms)
    try {
      const response = await request(key, sent, AbortSignal.any([giveUp.signal, ending]))
      const { status, ok, body } = response
      // its reader takes the time that it needs
      if (sent.opens && ok && body) return { status, text: '', content: bytesOf(name, body) }
      return { status, text: await response.text() }
    } finally {
      clearTimeout(timer)
    }
  }

  async function insist(key: string, sent: Sent): Promise<S3Answer> {
    for (let nth = 1; ; nth++) {
      const answer = await attempt(key, sent).catch((cause: unknown) => {
        if (nth === LIMITS.attempts || ending.aborted) throw unreachable(name, cause)
      })
      const isFinal = answer && (!mayPass(answer) || nth === LIMITS.attempts)
      if (isFinal) return answer
      await sleep(LIMITS.pause * 2 ** nth * (0.5 + Math.random() / 2), undefined, { signal: ending })
    }
  }

  async function find(key: string, sent: Omit<Sent, 'method'> = {}): Promise<S3Answer | undefined> {
    const answer = await insist(prefix + key, { method: 'GET', ...sent })
    if (answer.status === 404 && codeOf(answer) !== 'NoSuchBucket') return undefined
    // the object ends before the range
    if (answer.status === 416) return { ...answer, content: nothing() }
    if (answer.status !== 200 && answer.status !== 206) throw refusal(name, answer)
    return answer
  }

  async function ask(key: string, sent: Sent): Promise<string> {
    const answer = await insist(key, sent)
    if (answer.status < 200 || answer.status > 299) throw refusal(name, answer)
    return answer.text
  }

  return {
    get: async (key) => (await find(key))?.text,
    async open(key, { start = 0, end } = {}) {
      // a range has at least one byte
      if (end === start) return (await find(key, { opens: true, range: 'bytes=0-0' })) && nothing()
      const range = start === 0 && end === undefined ? undefined : `bytes=${start}-${end === undefined ? '' : end - 1}`
      return (await find(key, { opens: true, ...(range !== undefined && { range }) }))?.content
    },
    async putFile(key, file) {
      await ask(prefix + key, { method: 'PUT', file })
    },
    async put(key, text, hash) {
      await ask(prefix + key, { method: 'PUT', body: text, hash })
    },
    async remove(key) {
      await ask(prefix + key, { method: 'DELETE' })
    },
    async *list(of) {
      for (let token = ''; ; ) {
        const page = `?list-type=2&prefix=${encodeURIComponent(prefix + of)}`
        const text = await ask('', { method: 'GET', query: token ? `${page}&continuation-token=${token}` : page })
        yield* listedIn(text, prefix)
        if (contentOf(text, 'IsTruncated') !== 'true') return
        token = encodeURIComponent(contentOf(text, 'NextContinuationToken'))
      }
    },
  }
}

/** The SHA-256 of the empty text. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

type S3Answer = { readonly status: number; readonly text: string; readonly content?: AsyncIterable<Uint8Array> }
/** `at`: time of the last write, ms since the epoch. */
type Listed = { readonly key: string; readonly at: number; readonly bytes: number }

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** A request with the bytes of a file, of which the server knows the number before they come. */
function upload({ path, bytes }: BlobDraft, signed: Headers): RequestInit {
  const headers = new Headers(signed)
  headers.set('content-length', `${bytes}`)
  return { body: ReadableStream.from(readFileIn(path)), headers, duplex: 'half' }
}

async function* bytesOf(name: string, body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } catch (cause) {
    throw unreachable(name, cause)
  }
}

/** Whether a retry makes sense. */
const mayPass = ({ status }: S3Answer) => status >= 500 || status === 429 || status === 408

/** The objects on a page of a listing, without the prefix. */
function* listedIn(text: string, prefix: string): Generator<Listed> {
  for (const [, item = ''] of text.matchAll(/<Contents>(.*?)(?:<\/Contents>|$)/gs)) {
    const key = contentOf(item, 'Key').slice(prefix.length)
    yield { key, at: Date.parse(contentOf(item, 'LastModified')), bytes: Number(contentOf(item, 'Size')) }
  }
}

/** The text of an element; empty if missing. */
function contentOf(xml: string, element: string): string {
  const [, value = ''] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml) ?? []
  return value.replace(/&(amp|lt|gt|quot|apos|#39);/g, (_, name: string) => SIGNS[name]!)
}
const SIGNS: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'" }

/** The error code of an object store. */
const codeOf = ({ text }: S3Answer) => contentOf(text, 'Code')

/** Includes only code and message of the answer: the rest may contain signed data. */
function refusal(name: string, answer: S3Answer): RetryableError {
  const said = [answer.status, codeOf(answer), contentOf(answer.text, 'Message')].filter(Boolean).join(' ')
  const why = ownValue(WHY, codeOf(answer)) ?? WHY[answer.status]
  return new RetryableError(`The object store ${name} ${why ?? 'refused'} (${said}).`, { code: 'storage' })
}

const WHY: { readonly [said: string]: string } = {
  NoSuchBucket: 'has no such bucket',
  SignatureDoesNotMatch: 'does not take the key in AWS_SECRET_ACCESS_KEY',
  InvalidAccessKeyId: 'does not know the one in AWS_ACCESS_KEY_ID',
  ExpiredToken: 'takes these credentials no longer',
  RequestTimeTooSkewed: 'has another time than this machine',
  301: 'is in another region',
  403: 'denies access',
}

/** The server did not answer. */
function unreachable(name: string, cause: unknown): RetryableError {
  const { message, cause: deeper } = cause as Error
  const why = deeper instanceof Error ? deeper.message || (deeper as NodeJS.ErrnoException).code : message
  return new RetryableError(`The object store ${name} cannot be reached: ${why}`, { code: 'storage', cause })
}
