import { expect, it } from 'vitest'
import { addressFrom, addressList, clientOf, isLoopback, urlOf } from '../../../src/http/server/address.ts'

it.each([
  ['8080', '127.0.0.1', 8080, 'http://127.0.0.1:8080'],
  ['0', '127.0.0.1', 0, 'http://127.0.0.1:0'],
  ['0.0.0.0:80', '0.0.0.0', 80, 'http://0.0.0.0:80'],
  ['localhost:65535', 'localhost', 65535, 'http://localhost:65535'],
  ['[::1]:8080', '::1', 8080, 'http://[::1]:8080'],
  ['[::]:8080', '::', 8080, 'http://[::]:8080'],
])('%s is an address', (text, host, port, url) => {
  expect(addressFrom(text)).toEqual({ host, port })
  expect(urlOf({ host, port })).toBe(url)
})

it.each(['', 'here', '65536', '-1', ':80', '127.0.0.1', '::1:80', '[::1]', '[127.0.0.1]:80', '[]:80', 'a:b:80', '80 '])(
  '%j is not an address',
  (text) => {
    expect(() => addressFrom(text)).toThrow('Expected an address to listen on')
  },
)

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.0.2.1', false],
  ['no-such-name.invalid', false],
])('%s is the loopback: %s', async (host, is) => {
  expect(await isLoopback(host)).toBe(is)
})

const PROXIES = addressList(['10.0.0.0/8', 'fd00::1'])

it.each([
  ['192.0.2.1', undefined, '192.0.2.1'],
  ['192.0.2.1', '203.0.113.9', '192.0.2.1'],
  ['10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['::ffff:10.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['fd00::1', '2001:db8::1', '2001:db8::1'],
  ['fd00::2', '2001:db8::1', 'fd00::2'],
  // what a client says before its proxy does is not heard
  ['10.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
  ['10.0.0.1', '203.0.113.9, 10.0.0.2', '203.0.113.9'],
  ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['10.0.0.1', 'unknown', '10.0.0.1'],
  ['10.0.0.1', undefined, '10.0.0.1'],
])('a caller through %s, forwarded for %s, is %s', (remote, forwarded, client) => {
  expect(clientOf(remote, forwarded, PROXIES)).toBe(client)
})

it('nobody is trusted unless named', () => {
  expect(clientOf('10.0.0.1', '203.0.113.9', addressList([]))).toBe('10.0.0.1')
})

it.each(['', 'localhost', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'fd00::/129', '10.0.0'])(
  '%j is not a subnet',
  (text) => {
    expect(() => addressList([text])).toThrow('neither an IP address nor a subnet')
  },
)
