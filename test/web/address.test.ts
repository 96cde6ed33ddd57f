import { expect, test } from 'vitest'
import { classifyAddress, isInRange, parseAddress, parseRange } from '../../src/web/address.ts'

const kindOf = (text: string) => classifyAddress(parseAddress(text)!)

test.each([
  ['8.8.8.8', 'public'],
  ['2606:4700:4700::1111', 'public'],
  ['::ffff:8.8.8.8', 'public'],
  ['64:ff9b::8.8.8.8', 'public'],
  ['0.0.0.0', 'unspecified'],
  ['::', 'unspecified'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['::1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['::ffff:0:127.0.0.1', 'loopback'],
  ['2002:7f00:1::', 'loopback'],
  ['2606:4700::5efe:127.0.0.1', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.16.0.1', 'private'],
  ['172.32.0.1', 'public'],
  ['192.168.0.1', 'private'],
  ['64:ff9b::10.0.0.1', 'private'],
  ['fc00::1', 'private'],
  ['fdff::1', 'private'],
  ['fec0::1', 'private'],
  ['169.254.1.1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['169.254.169.254', 'metadata'],
  ['::ffff:a9fe:a9fe', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['100.64.0.1', 'carrier-grade NAT'],
  ['224.0.0.1', 'multicast'],
  ['ff02::1', 'multicast'],
  ['255.255.255.255', 'reserved'],
  ['::7f00:1', 'reserved'],
  ['64:ff9b:1::1', 'reserved'],
  ['2001:0:7f00:1::', 'reserved'],
  ['192.0.2.1', 'documentation'],
  ['2001:db8::1', 'documentation'],
])('%s is %s', (text, kind) => {
  expect(kindOf(text)).toBe(kind)
})

test.each([
  '',
  '1.2.3',
  '1.2.3.256',
  '01.2.3.4',
  '0x7f.0.0.1',
  '2130706433',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  'g::1',
  'localhost',
  '::ffff:1.2.3',
  '12345::',
])('%s is not an address', (text) => {
  expect(parseAddress(text)).toBeUndefined()
})

test.each([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.1.2.3', '10.0.0.0/8', false],
  ['10.0.0.1', '10.0.0.1', true],
  ['10.0.0.2', '10.0.0.1', false],
  ['192.168.130.1', '192.168.128.0/17', true],
  ['192.168.127.1', '192.168.128.0/17', false],
  ['::ffff:10.1.2.3', '10.0.0.0/8', true],
  ['fd12::1', 'fd00::/8', true],
  ['10.1.2.3', 'fd00::/8', false],
  ['1.2.3.4', '0.0.0.0/0', true],
])('%s in %s: %s', (address, range, expected) => {
  expect(isInRange(parseAddress(address)!, parseRange(range)!)).toBe(expected)
})

test.each(['10.0.0.0/33', '10.0.0.0/8/8', 'wiki.example.com', '10.0.0.0/x', 'fd00::/129'])(
  '%s is not a range',
  (text) => {
    expect(parseRange(text)).toBeUndefined()
  },
)
