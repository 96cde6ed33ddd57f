import type { Keypair } from '@mysten/sui/cryptography'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { Secp256k1Keypair } from '@mysten/sui/keypairs/secp256k1'
import { Secp256r1Keypair } from '@mysten/sui/keypairs/secp256r1'
import { fromBase64, toBase64 } from '@mysten/sui/utils'
import { verifyTransactionSignature } from '@mysten/sui/verify'
import { expect, test } from 'vitest'
import sui from '../../packages/sui/src/index.ts'
import type { Payment, Signing } from '../../src/extension/settlement.ts'
import { CHAIN, FakeNode, PACKAGE, readBytes, TREASURY } from './node.ts'

const AUTHOR = `0x${'ab'.repeat(32)}`
const payment = (n: number, amount = '5000000000'): Payment => ({
  ...{ n, amount, to: AUTHOR },
  citing: n.toString(16).padStart(64, '0'),
  cited: 'f'.repeat(64),
})

async function openSui(keys: Keypair = new Ed25519Keypair(), settings: object = {}) {
  const node = await new FakeNode(keys.toSuiAddress()).listen()
  const given = { treasury: TREASURY, package: PACKAGE, chain: CHAIN, url: node.url, ...settings }
  const open = (more: object = {}) =>
    sui.settlement!({ settings: { ...given, ...more }, key: async () => keys.getSecretKey() })
  return { node, keys, settlement: open(), open }
}

const signed = (signing: Signing) => {
  if (signing.status !== 'signed') throw new Error(`it is ${signing.status}`)
  return signing.transaction
}

test.each([
  ['ed25519', new Ed25519Keypair()],
  ['secp256k1', new Secp256k1Keypair()],
  ['secp256r1', new Secp256r1Keypair()],
] as const)('signs with %s what the types of the SDK read, and the SDK verifies it', async (_, keys) => {
  const { node, settlement } = await openSui(keys)
  const transaction = signed(await settlement.sign([payment(1), payment(2, '7')]))
  const bytes = fromBase64(transaction.bytes)
  const { payments, refs, gas, lastEpoch, sender } = readBytes(bytes)
  expect(payments).toEqual([
    { citing: payment(1).citing, cited: payment(1).cited, amount: 5_000_000_000n, to: AUTHOR },
    { citing: payment(2).citing, cited: payment(2).cited, amount: 7n, to: AUTHOR },
  ])
  expect([sender, lastEpoch, refs.length, gas.budget]).toEqual([keys.toSuiAddress(), 6n, 2, '200000000'])
  await verifyTransactionSignature(bytes, transaction.signature, { address: keys.toSuiAddress() })
  expect(await settlement.statusOf(transaction)).toMatchObject({ status: 'unknown' })
  expect(await settlement.submit(transaction)).toEqual({ status: 'landed' })
  // the very same bytes again pay nothing more
  expect(await settlement.submit(transaction)).toEqual({ status: 'landed' })
  expect(await settlement.statusOf(transaction)).toEqual({ status: 'landed' })
  expect([node.paid.length, await settlement.balanceOf(AUTHOR)]).toEqual([2, '5000000007'])
})

test('a flipped bit of the bytes or of the signature is refused', async () => {
  const { node, settlement } = await openSui()
  const transaction = signed(await settlement.sign([payment(1)]))
  const flipped = (text: string, at: number) => {
    const bytes = fromBase64(text)
    bytes[at]! ^= 1
    return toBase64(bytes)
  }
  const amount = fromBase64(transaction.bytes).findIndex((_, at, all) => all[at] === 0xf2 && all[at + 1] === 0x05)
  for (const broken of [
    { ...transaction, bytes: flipped(transaction.bytes, amount) },
    { ...transaction, signature: flipped(transaction.signature, 20) },
    { ...transaction, signature: flipped(transaction.signature, 80) },
  ])
    await expect(settlement.submit(broken)).rejects.toThrow(/not valid|Signature|point|address/i)
  expect([node.paid, node.landed.size]).toEqual([[], 0])
})

test('a transaction is void only when it can no longer land', async () => {
  const { node, settlement } = await openSui()
  const transaction = signed(await settlement.sign([payment(1)]))
  for (const fault of ['down', 'locked', 'late'] as const) {
    node.fault = () => fault
    await expect(settlement.submit(transaction)).rejects.toThrow()
    expect([fault, await settlement.statusOf(transaction)]).toMatchObject([fault, { status: 'unknown' }])
  }
  await node.deliver()
  expect(await settlement.statusOf(transaction)).toEqual({ status: 'landed' })
  node.fault = () => undefined
  const stale = signed(await settlement.sign([payment(2)]))
  node.useElsewhere()
  expect(await settlement.statusOf(stale)).toMatchObject({ status: 'void', why: expect.stringContaining('newer') })
  await expect(settlement.submit(stale)).rejects.toThrow('not available')
  const late = signed(await settlement.sign([payment(2)]))
  node.epoch += 1n
  expect(await settlement.statusOf(late)).toMatchObject({ status: 'unknown' })
  node.epoch += 1n
  expect(await settlement.statusOf(late)).toMatchObject({ status: 'void', why: expect.stringContaining('epoch') })
  // it landed between the two questions
  const racing = signed(await settlement.sign([payment(3)]))
  node.fault = () => 'late'
  await expect(settlement.submit(racing)).rejects.toThrow('too long')
  node.before = async (method) => {
    if (method === 'BatchGetObjects') await node.deliver()
  }
  expect(await settlement.statusOf(racing)).toEqual({ status: 'landed' })
})

test('the refusals of the Move package name the payment, and cost nothing', async () => {
  const { node, settlement } = await openSui()
  await settlement.submit(signed(await settlement.sign([payment(1)])))
  expect(await settlement.sign([payment(2), payment(1)])).toEqual({ status: 'refused', at: 1, code: 'already_paid' })
  expect(await settlement.sign([payment(2), payment(3, '0')])).toEqual({ status: 'refused', at: 1, code: 'bad_amount' })
  // the cap is counted without an overflow of 64 bits
  const most = payment(4, `${10n ** 19n}`)
  expect(await settlement.sign([payment(2), most])).toEqual({ status: 'refused', at: 1, code: 'mint_exceeds_cap' })
  // one that was paid after it was signed lands, pays nothing, and says which
  const doubled = signed(await settlement.sign([payment(5), payment(6)]))
  node.paid.push({ citing: payment(6).citing, cited: payment(6).cited, amount: 1n, to: AUTHOR })
  expect(await settlement.submit(doubled)).toMatchObject({ status: 'failed', refused: { at: 1, code: 'already_paid' } })
  expect(node.paid).toHaveLength(2)
})

test('a node that is of another chain, or lies about the treasury or the transaction, is not believed', async () => {
  const { node, keys, settlement, open } = await openSui()
  node.chain = 'other'
  const message = `The node at ${node.url} is of the chain other, not of ${CHAIN}.`
  const { sign } = open({ url: `${node.url}/key-of-the-node` })
  await expect(sign([payment(1)])).rejects.toMatchObject({ code: 'other_chain', message })
  node.chain = CHAIN
  const transaction = signed(await settlement.sign([payment(1)]))
  await settlement.submit(transaction)
  const other = signed(await settlement.sign([payment(2)]))
  node.lies = (method, answer) =>
    method === 'ExecuteTransaction' ? node.onGetTransaction({ digest: transaction.digest }) : answer
  await expect(settlement.submit(other)).rejects.toThrow('answered with the transaction')
  node.lies = (_, answer) => answer
  const stranger = new Ed25519Keypair()
  const foreign = sui.settlement!({
    settings: { treasury: TREASURY, package: PACKAGE, chain: CHAIN, url: node.url },
    key: async () => stranger.getSecretKey(),
  })
  await expect(foreign.sign([payment(3)])).rejects.toThrow('does not belong to')
  await expect(open({ package: `0x${'d1'.repeat(32)}` }).sign([payment(3)])).rejects.toThrow('TreasuryCapability')
  await expect(open({ budget: '999999999999999' }).sign([payment(3)])).rejects.toThrow('has no coin')
  expect(keys.toSuiAddress()).toBe(node.owner)
})

test('the coin that pays the gas may be on a later page', async () => {
  const { node, settlement } = await openSui()
  node.smallCoins = 3
  expect((await settlement.submit(signed(await settlement.sign([payment(1)])))).status).toBe('landed')
  node.smallCoins = 60
  await expect(settlement.sign([payment(2)])).rejects.toThrow('has no coin of 200000000 MIST')
})

test('wrong settings, addresses and keys are refused, and no error has the key', async () => {
  const { open, settlement } = await openSui()
  for (const [field, value] of [
    ['url', 'http://node.example'],
    ['url', 'http://localhost:x@node.example/'],
    ['url', 'http://localhost.node.example/'],
    ['url', 'https://ann:word@node.example/'],
    ['url', 'node.example'],
    ['chain', 'testnet'],
    ['package', '0xc1'],
    ['treasury', 'x'],
    ['budget', '0'],
    ['netwrok', 'testnet'],
  ] as const)
    expect(() => open({ [field]: value })).toThrow(`ledger.settlement.${field}`)
  expect(settlement.readAddress(AUTHOR.toUpperCase().replace('0X', '0x'))).toBe(AUTHOR)
  for (const address of ['0xab', AUTHOR.slice(2), `0x${'0'.repeat(64)}`, 'ann'])
    expect(() => settlement.readAddress(address)).toThrow('an address of Sui')
  const secret = `${new Ed25519Keypair().getSecretKey()}x`
  const settings = { treasury: TREASURY, package: PACKAGE, chain: CHAIN, url: 'https://node.example' }
  const wrong = await sui.settlement!({ settings, key: async () => secret })
    .sign([payment(1)])
    .catch((error: Error) => error)
  expect(wrong).toMatchObject({ message: 'Expected a private key of Sui for the settlement.' })
  expect(JSON.stringify(wrong) + (wrong as Error).stack).not.toContain(secret)
})
