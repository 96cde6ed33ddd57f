import { createHmac, timingSafeEqual } from 'node:crypto'
import { InvalidError } from '../../errors.ts'

/** Makes the address of a wait. `nonce`: of the run; nobody can derive an address without it. */
export type AddressOf = (run: string, step: string, nonce: string | undefined) => string

/** Makes addresses below the public address of the server. InvalidError, when one is asked for, if it has none. */
export const addressesAt =
  (base: string | undefined): AddressOf =>
  (run, step, nonce) => {
    if (base === undefined || nonce === undefined)
      throw new InvalidError('ctx.signal: { url: true } needs the public address of the server.', {
        hint: 'Write it into antiphon.yaml: serve: { publicUrl: https://… }',
      })
    const path = [run, step, tokenOf(nonce, step)].map(encodeURIComponent).join('/')
    return `${base.replace(/\/+$/, '')}/v1/signals/${path}`
  }

/** Whether a token is that of a wait. The time that it takes tells nothing of the token. */
export function isTokenOf(nonce: string, step: string, given: string): boolean {
  const [own, other] = [Buffer.from(tokenOf(nonce, step)), Buffer.from(given)]
  return own.length === other.length && timingSafeEqual(own, other)
}

const tokenOf = (nonce: string, step: string) => createHmac('sha256', nonce).update(step).digest('base64url')
