/** Knows the wallets of a blockchain, so that people log in with theirs. It holds no key, and asks no node. */
export interface Wallets {
  /** An address as `0x` and 64 small hexadecimal digits. InvalidError if it is none. */
  readAddress(given: string): string
  /** Whether the wallet of this address has signed these words. Resolves with false for anything else. */
  hasSigned(signed: SignedWords): Promise<boolean>
}

/** Words that a wallet has signed as a message of a person. `signature` in base64, with its scheme and public key. */
export type SignedWords = { readonly address: string; readonly words: string; readonly signature: string }
