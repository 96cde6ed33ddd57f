import { expect, test } from 'vitest'
import { createRedaction } from '../../src/secret/redaction.ts'
import { fc } from '../property.ts'

const VALUE = 'p/a+ss"wörd~ 0815!'
const redaction = (...values: readonly string[]) => {
  const made = createRedaction({})
  made.learn(values.map((value) => ['lab', value]))
  return made
}

const forms: readonly (readonly [name: string, text: string])[] = [
  ['itself', `a ${VALUE} b`],
  ['JSON', JSON.stringify({ a: VALUE })],
  ['a part of a URL', `https://x/?a=${encodeURIComponent(VALUE)}&b`],
  ['a form', new URLSearchParams({ a: VALUE }).toString()],
  ['a URL in small letters', encodeURIComponent(VALUE).toLowerCase()],
  ['base64', btoa(String.fromCharCode(...Buffer.from(VALUE)))],
  ['base64 behind one byte', Buffer.from(`:${VALUE}`).toString('base64')],
  ['base64 behind two bytes', Buffer.from(`me:${VALUE}: and more`).toString('base64')],
  ['base64 for URLs', Buffer.from(`user:${VALUE}`).toString('base64url')],
  ['hexadecimal digits', Buffer.from(VALUE).toString('hex')],
]

test.each(forms)('a secret is taken out as %s', (_name, text) => {
  const safe = redaction(VALUE).redact(text)
  expect(safe).toContain('[redacted]')
  expect(safe).not.toContain('0815')
  expect(decoded(safe)).not.toContain('wörd')
})

/** What somebody could read who tries to. */
const decoded = (text: string) =>
  [decodeURIComponent(text), Buffer.from(text, 'base64').toString(), Buffer.from(text, 'hex').toString()].join('\n')

test('any secret is removed from any text around it', () => {
  const text = fc.string({ maxLength: 40 })
  fc.assert(
    fc.property(fc.string({ minLength: 6, maxLength: 60 }), text, text, (secret, before, after) => {
      const bytes = Buffer.from(`${before}${secret}${after}`)
      const { redact } = redaction(secret)
      expect(redact(`${before}${secret}${after}`)).toContain('[redacted]')
      for (const form of ['base64', 'base64url', 'hex'] as const)
        expect(redact(bytes.toString(form))).toContain('[redacted]')
    }),
  )
})

test('of a key in several lines each is taken out, but those that say what it is', () => {
  const line = (n: number) => `MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj${n}`
  const key = ['-----BEGIN PRIVATE KEY-----', line(1), line(2), '-----END PRIVATE KEY-----'].join('\n')
  const { redact } = redaction(key)
  expect(redact(`-----BEGIN PRIVATE KEY-----, then ${line(2)}.`)).toBe('-----BEGIN PRIVATE KEY-----, then [redacted].')
  expect(redact(`all: ${key}`)).toBe('all: [redacted]')
})

test('the longest is taken out where one is a part of another', () => {
  const { redact } = redaction('abcdef', 'abcdefghij', 'abcdeX')
  expect(redact('abcdefghij abcdefg abcdeX abcdeY')).toBe('[redacted] [redacted]g [redacted] abcdeY')
})

test('a value is made safe down to its keys, and stays itself when there is nothing in it', () => {
  const { hide } = redaction(VALUE)
  const value = { a: [1, null, { [VALUE]: `x${VALUE}` }], b: undefined, c: true }
  expect(hide(value)).toEqual({ a: [1, null, { '[redacted]': 'x[redacted]' }], b: undefined, c: true })
  const safe = { a: [1, { b: 'c' }] }
  expect(hide(safe)).toBe(safe)
  expect(redaction().hide(safe)).toBe(safe)
})

test('a value that is stored lacks declared secrets, one that leaves guessed ones, and a text also possible ones', () => {
  const environment = {
    LAB_API_KEY: 'key-of-the-lab',
    DB_PASSWORD_MAIN: 'hunter-2-3',
    MAX_TOKENS: '100000',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'authorization=Bearer%20otlp-1-2-3,x-key=otlp-4-5-6',
    ANTIPHON_PASSPHRASE: 'the passphrase',
    ANTIPHON_SECRET_X: 'value-of-x',
    SSH_KEY_PATH: '/home/me/.ssh',
    TINY_TOKEN: 'yes',
    JOB_SECRET: 'completed',
    HOME: '/home/me',
  }
  const { redact, hide, shown, problem } = createRedaction(environment)
  const said = 'key-of-the-lab, the passphrase, value-of-x, /home/me/.ssh, yes'
  const safe = '[redacted], [redacted], [redacted], /home/me/.ssh, yes'
  expect(redact(said)).toBe(safe)
  expect(shown([said])).toEqual([safe])
  const cut: string[] = []
  expect(hide([said], (name) => cut.push(name))).toEqual(['key-of-the-lab, [redacted], [redacted], /home/me/.ssh, yes'])
  expect(cut).toEqual(['ANTIPHON_PASSPHRASE', 'ANTIPHON_SECRET_X'])
  const guessed = 'hunter-2-3 otlp-1-2-3 otlp-4-5-6'
  for (const take of [redact, shown<string>]) expect(take(guessed)).toBe('[redacted] [redacted] [redacted]')
  expect(hide(guessed)).toBe(guessed)
  expect([redact('100000'), shown('100000'), shown('completed')]).toEqual(['[redacted]', '100000', 'completed'])
  const told = { code: 'x', name: 'E', message: said, hint: 'ask key-of-the-lab', terminal: true }
  expect(problem(told)).toEqual({ ...told, message: redact(said), hint: 'ask [redacted]' })
})

test('a secret that was learned later is taken out from then on, the earlier ones, too', () => {
  const { learn, redact } = redaction('first-value')
  expect(redact('first-value second-value')).toBe('[redacted] second-value')
  learn([['next', 'second-value']])
  expect(redact('first-value second-value')).toBe('[redacted] [redacted]')
})

test('secrets that follow one another, overlap or stand at an end are all taken out', () => {
  const { redact } = redaction('aaaaaaab', 'xyzxyz1', 'secret')
  expect(redact('secretsecretxyzxyz1')).toBe('[redacted][redacted][redacted]')
  expect(redact('aaaaaaaaaaaab')).toBe('aaaaa[redacted]')
  expect(redact('xyzxyzxyz1 secre')).toBe('xyz[redacted] secre')
  expect(redact('ßecret 秘secret密')).toBe('ßecret 秘[redacted]密')
})

test('a text in pieces is that of the whole, and waits only for what may be a secret', () => {
  const text = (most: number) => fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: most })
  const secret = text(12).map((more) => `ab-ab-${more}`)
  fc.assert(
    fc.property(fc.array(secret, { maxLength: 4 }), fc.array(text(9), { maxLength: 12 }), (secrets, pieces) => {
      const made = redaction(...secrets)
      const stream = made.showStream()
      const shown = pieces.map((piece) => stream.push(piece)).join('') + stream.end()
      expect(shown).toBe(made.hide(pieces.join('')))
    }),
    { numRuns: 2_000 },
  )
  const stream = redaction('ab-ab-a').showStream()
  expect(['x-a', 'b-', 'ab-b', 'ab-ab-a'].map((piece) => stream.push(piece))).toEqual([
    ...['x-', '', 'ab-ab-b', '[redacted]'],
  ])
})
