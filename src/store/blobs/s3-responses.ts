import { RetryableError } from '../../errors.ts'

/** What an object store answered, in XML if it has anything to say. */
export type S3Answer = { readonly status: number; readonly text: string }
/** `at`: when it was written, ms since the epoch. */
export type Listed = { readonly key: string; readonly at: number; readonly bytes: number }

/** Whether it is worth asking again. */
export const mayPass = ({ status }: S3Answer) => status >= 500 || status === 429 || status === 408

/** The objects on a page of a list, without the prefix of their names. */
export function* listedIn(text: string, prefix: string): Generator<Listed> {
  for (const [, item = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
    const key = contentOf(item, 'Key').slice(prefix.length)
    yield { key, at: Date.parse(contentOf(item, 'LastModified')), bytes: Number(contentOf(item, 'Size')) }
  }
}

/** The content of an element that holds text only; empty when there is none. */
export function contentOf(xml: string, element: string): string {
  const [, value = ''] = new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml) ?? []
  return value.replace(/&(amp|lt|gt|quot|apos|#39);/g, (_, name: string) => SIGNS[name]!)
}
const SIGNS: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#39': "'" }

/** What an object store calls what is wrong. */
export const codeOf = ({ text }: S3Answer) => contentOf(text, 'Code')

/** Of what it answers only code and message are told: the rest may hold what was signed. */
export function refusal(name: string, answer: S3Answer): RetryableError {
  const said = [answer.status, codeOf(answer), contentOf(answer.text, 'Message')].filter(Boolean).join(' ')
  const why = WHY[codeOf(answer)] ?? WHY[answer.status]
  return new RetryableError(`the object store ${name} ${why ?? 'refused'} (${said})`, { code: 'storage' })
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

/** Of what did not even answer. */
export function unreachable(name: string, cause: unknown): RetryableError {
  const { message, cause: deeper } = cause as Error
  const why = deeper instanceof Error ? deeper.message || (deeper as NodeJS.ErrnoException).code : message
  return new RetryableError(`the object store ${name} cannot be reached: ${why}`, { code: 'storage', cause })
}
