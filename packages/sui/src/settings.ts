import { decodeSuiPrivateKey, type Signer } from '@mysten/sui/cryptography'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { Secp256k1Keypair } from '@mysten/sui/keypairs/secp256k1'
import { Secp256r1Keypair } from '@mysten/sui/keypairs/secp256r1'
import { fromBase58 } from '@mysten/sui/utils'
import { InvalidError } from 'antiphon/extend'

/** The treasury, the package that it belongs to, and the node that is asked. */
export type SuiSettings = {
  readonly treasury: string
  readonly package: string
  readonly url: string
  /** the digest of the first checkpoint of the chain, in Base58 */
  readonly chain: string
  /** the most MIST that a transaction may cost */
  readonly budget: bigint
}

const KEYS = ['treasury', 'key', 'package', 'url', 'chain', 'budget']
/** A fifth of a SUI. */
const BUDGET = '200000000'

/** Reads `ledger: { settlement }`. */
export function readSettings(given: { readonly [name: string]: string }): SuiSettings {
  const unknown = Object.keys(given).find((name) => !KEYS.includes(name))
  if (unknown !== undefined) throw wrong(unknown, `a key that is known: ${KEYS.join(', ')}`)
  const { treasury = '', package: id = '', url = '', chain = '', budget = BUDGET } = given
  if (!isDigest(chain)) throw wrong('chain', 'the digest of the first checkpoint of the chain, in Base58')
  if (!/^[1-9]\d{0,17}$/.test(budget)) throw wrong('budget', 'the most MIST that a transaction may cost')
  if (!isNode(url)) throw wrong('url', 'an address with https:// and without a user')
  const ids = { treasury: idOf('treasury', treasury), package: idOf('package', id) }
  return { ...ids, url, chain, budget: BigInt(budget) }
}

/** The names of this machine, where http: is enough. */
const LOCAL = ['127.0.0.1', '[::1]', 'localhost']

function isNode(text: string): boolean {
  const { protocol, hostname, username, password } = URL.parse(text) ?? {}
  return (protocol === 'https:' || (protocol === 'http:' && LOCAL.includes(hostname!))) && !username && !password
}

function isDigest(text: string): boolean {
  try {
    return fromBase58(text).length === 32
  } catch {
    return false
  }
}

function idOf(field: string, text: string): string {
  if (/^0x[0-9a-f]{64}$/i.test(text)) return text.toLowerCase()
  throw wrong(field, '0x and 64 hexadecimal digits')
}

const wrong = (field: string, expected: string) =>
  new InvalidError(`ledger.settlement.${field}: Expected ${expected}.`, {
    place: { path: `ledger.settlement.${field}` },
  })

/** The address of a person. Short forms are refused: a digit that is missing would send coins to nobody. */
export function readAddress(text: string): string {
  const address = text.toLowerCase()
  if (/^0x[0-9a-f]{64}$/.test(address) && !/^0x0+$/.test(address)) return address
  throw new InvalidError('Expected an address of Sui: 0x and 64 hexadecimal digits.')
}

/** The key pair of a secret such as `suiprivkey1…`. Its text is in no error. */
export function readKey(secret: string): Signer {
  let scheme: string
  try {
    scheme = decodeSuiPrivateKey(secret).scheme
  } catch {
    throw new InvalidError('Expected a private key of Sui for the settlement.', {
      hint: 'It begins with suiprivkey1, as `sui keytool export` prints it.',
    })
  }
  if (scheme === 'ED25519') return Ed25519Keypair.fromSecretKey(secret)
  if (scheme === 'Secp256k1') return Secp256k1Keypair.fromSecretKey(secret)
  if (scheme === 'Secp256r1') return Secp256r1Keypair.fromSecretKey(secret)
  throw new InvalidError(`The settlement does not sign with ${scheme}.`)
}
