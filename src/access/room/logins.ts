import { randomBytes } from 'node:crypto'
import { errorOf, InvalidError, TerminalError } from '../../errors.ts'
import { type ExtendedProject, walletsOf } from '../../extension/extensions.ts'
import type { House } from '../../house/house.ts'
import { END, isChallenge, keyRef, LOGIN_REFUSED, type LoginState, loginRef, wordsFor } from '../login.ts'
import type { LoginDoor } from '../settings.ts'
import { newToken } from '../token.ts'
import type { ApiKey } from './documents.ts'
import type { Known } from './known.ts'
import type { Logins } from './port.ts'

/** The keys of antiphon.yaml that logins read. */
export type LoginConfig = ExtendedProject & {
  readonly serve?: { readonly publicUrl?: string; readonly login?: readonly LoginDoor[] }
}

type Parts = Pick<House, 'engine' | 'checkOwner'> & { readonly config: LoginConfig; readonly known: Known<unknown> }

/** Logins by wallet. The extension of the project knows addresses and signatures; nothing else here does. */
export function openLogins({ engine, config, known, checkOwner }: Parts): Logins {
  const { serve = {} } = config
  async function walletAt(given: string, door: LoginDoor) {
    if (!serve.login?.includes(door)) throw loginOff(door)
    const wallet = walletsOf(config)
    const address = wallet.readAddress(given)
    const [, owner] = /^0x([0-9a-f]{64})$/.exec(address) ?? []
    if (owner === undefined) throw new InvalidError('Expected an address of 0x and 64 small hexadecimal digits.')
    await checkOwner(owner)
    const wordsOf = (one: LoginState['challenges'][number]) => wordsFor(one, address, serve.publicUrl ?? '')
    return { wallet, address, wordsOf, at: loginRef(owner) }
  }

  return {
    async challenge({ address, door = 'wallet' }) {
      const { at, wordsOf } = await walletAt(address, door)
      const challenge = randomBytes(32).toString('hex')
      const begun = (await engine.ask(at, { type: 'begin', challenge, door })) as LoginState['challenges'][number]
      return { challenge, words: wordsOf(begun), expiresAt: begun.expiresAt }
    },
    async open({ address: given, challenge, signature, door = 'wallet' }) {
      const { wallet, address, at, wordsOf } = await walletAt(given, door)
      const { challenges = [], key: before } = ((await engine.view.peek(at)) ?? {}) as Partial<LoginState>
      const found = challenges.find(isChallenge(challenge))
      // an attempt that knows no challenge writes nothing
      if (!found) throw errorOf(LOGIN_REFUSED)
      const isSigned = found.door === door && (await wallet.hasSigned({ address, words: wordsOf(found), signature }))
      const { id, token, hash } = newToken('ak')
      const key = (await engine.ask(at, { type: 'use', challenge, isSigned, id, hash })) as Omit<ApiKey, 'id'>
      // the turn has sent this as well, and the answer waits for it
      if (before) await engine.ask(keyRef(before.id), END)
      if (before) known.forget(before.id)
      return { id, ...key, token }
    },
  }
}

const loginOff = (door: LoginDoor) =>
  new TerminalError('Login with a wallet is not offered here.', {
    code: 'login_off',
    hint: `Send an API key as the bearer token. To offer it, in antiphon.yaml: serve: { login: [${door}] }`,
  })
