import { InvalidError, TerminalError } from '../../errors.ts'
import { HOOKS } from '../../hook/room/contract.ts'
import { alreadyRead, bytesUpTo, checkPacking, JSON_TYPE, unsupported } from '../routing/body.ts'
import { type Call, handlers } from '../routing/route.ts'

type Sent = Pick<Call<unknown, unknown, unknown>, 'request' | 'header' | 'clock'>

/** The most bytes of a delivery. */
const MAX_DELIVERY = 1024 * 1024

/** Webhooks that come in. The port reads a body once it knows the hook or the token: signatures are over the bytes. */
export const hookHandlers = handlers(HOOKS, {
  'hooks.deliver': async ({ runtime, params: { name }, ...sent }) =>
    runtime.hooks.deliver(name, { body: () => deliveryIn(sent), header: sent.header }),
  'hooks.signal': async ({ runtime, params: { of: run, step, token }, ...sent }) =>
    runtime.hooks.signal({ run, step, token }, () => deliveryIn(sent)),
})

async function deliveryIn({ request, header, clock }: Sent) {
  const type = header('content-type') ?? ''
  if (!JSON_TYPE.test(type)) throw unsupported(type)
  checkPacking(header('content-encoding'))
  if (request.bodyUsed) throw alreadyRead()
  const length = Number(header('content-length') ?? 0)
  const body = length > MAX_DELIVERY ? undefined : await bytesUpTo(request.body, MAX_DELIVERY, clock).catch(brokenOff)
  if (body && body.byteLength <= MAX_DELIVERY) return body
  throw new TerminalError(`The delivery is larger than ${MAX_DELIVERY} bytes.`, { code: 'too_large' })
}

function brokenOff(cause: unknown): never {
  throw new InvalidError('The body broke off.', { cause })
}
