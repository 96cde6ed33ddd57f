import { InvalidError } from '../../../errors.ts'
import { addressFrom, isLoopback, urlOf } from '../../../http/server/address.ts'
import type { OwnPlace } from '../../connect/owner.ts'

/** Where a process is to answer on the network, and whom. */
export type ListenOptions = { readonly listen: string; readonly auth: boolean }

/** InvalidError when that is no address, or others could come in there without a key. */
export async function checkListening({ listen, auth }: ListenOptions): Promise<void> {
  const { host } = addressFrom(listen)
  if (auth || (await isLoopback(host))) return
  throw new InvalidError(`Without keys ${host} would be open to everybody who reaches this machine.`, {
    hint: 'Leave --no-auth out, or listen on 127.0.0.1.',
  })
}

/** Answers there, and tells how to be let in. */
export async function answerOpenly(place: OwnPlace, { listen, auth }: ListenOptions): Promise<string> {
  const door = await place.listen(addressFrom(listen), auth).catch((error) => explain(error, listen))
  const how = auth
    ? 'To make a key: antiphon keys api create NAME'
    : 'No key is needed: whoever is on this machine may do everything.'
  return `It answers at ${urlOf(door)}. ${how}`
}

const REASONS: { readonly [code: string]: string } = {
  EADDRINUSE: 'another process listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'nobody knows that name',
  EACCES: 'you may not listen there',
}

function explain(cause: NodeJS.ErrnoException, listen: string): never {
  const reason = REASONS[cause.code ?? '']
  if (reason === undefined) throw cause
  throw new InvalidError(`This process cannot listen on ${listen}: ${reason}.`, {
    cause,
    hint: 'Give another address, or port 0 for any that is free.',
  })
}
