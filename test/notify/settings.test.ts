import { expect, test } from 'vitest'
import { configKeysAt, configSchema } from '../../src/config/schema.ts'

const GOOD = { url: 'https://hooks.example.com/a', secret: 'secret://hooks' }

test.each([
  [{ ...GOOD, url: 'hooks.example.com' }, 'notify.0.url: expected an address such as https://'],
  [{ ...GOOD, url: 'ftp://hooks.example.com/' }, 'notify.0.url: expected an address such as https://'],
  [{ ...GOOD, url: 'https://ann:pass@hooks.example.com/' }, 'notify.0.url: expected an address without a user'],
  [{ ...GOOD, url: 'http://hooks.example.com/' }, 'notify.0.url: expected https://, or a host that `allow` names'],
  [{ ...GOOD, secret: 'whsec_AAAA' }, 'notify.0.secret: expected the name of a secret'],
  [{ url: GOOD.url }, 'notify.0.secret: '],
  [{ ...GOOD, events: ['approved'] }, 'notify.0.events.0: expected one of approval, question, failed, budget'],
  [{ ...GOOD, events: [] }, 'notify.0.events: '],
  [{ ...GOOD, include: 'everything' }, 'notify.0.include: expected content'],
  [{ ...GOOD, remind: '5s' }, 'notify.0.remind: expected a time from 1m to 30d'],
  [{ ...GOOD, remind: 'soon' }, 'notify.0.remind: expected seconds, or a time such as'],
  [{ ...GOOD, allow: ['https://hooks.example.com'] }, 'notify.0.allow.0: expected a host such as'],
])('%j: %s', (receiver, fault) => {
  const { error } = configSchema.safeParse({ notify: [receiver] })
  const faults = error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
  expect(faults.some((one) => one.startsWith(fault))).toBe(true)
})

test('good receivers are taken, and each address once', () => {
  const local = { ...GOOD, url: 'http://127.0.0.1:8080/', allow: ['127.0.0.1'], remind: '4h' }
  expect(configSchema.parse({ notify: [GOOD, local] }).notify).toEqual([GOOD, { ...local, remind: 14_400 }])
  expect(configSchema.safeParse({ notify: [GOOD, GOOD] }).error?.issues[0]?.message).toBe('expected each address once')
})

test('the keys of a receiver are known, so a misspelt one is corrected', () => {
  expect(configKeysAt(['notify', 0])).toContain('remind')
})
