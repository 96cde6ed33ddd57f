import { fromBase64 } from '@mysten/sui/utils'
import { isValidPersonalMessageSignature } from '@mysten/sui/verify'
import type { SignedWords, Wallets } from 'antiphon/extend'
import { readAddress } from './settings.ts'

/** The wallets of Sui, by the keys that sign by themselves: ed25519, secp256k1, secp256r1. No node is asked. */
export const wallets: Wallets = {
  readAddress,
  async hasSigned({ address, words, signature }) {
    if (!hasOwnKey(signature)) return false
    return isValidPersonalMessageSignature(new TextEncoder().encode(words), signature, { address })
  },
}

/** Others, such as zkLogin, need facts that only a node has. */
function hasOwnKey(signature: SignedWords['signature']): boolean {
  try {
    return fromBase64(signature)[0]! <= 2
  } catch {
    return false
  }
}
