import { InvalidError, TerminalError } from '../../errors.ts'
import { HOOKS } from '../../hook/room/contract.ts'
import { alreadyRead, bytesUpTo, checkPacking, JSON_TYPE, unsupported } from '../routing/body.ts'
import { handlers } from '../routing/route.ts'

/** The most bytes of a delivery. */
const MAX_DELIVERY = 1024 * 1024

/** Webhooks that come in. Signatures are over the bytes, so nothing reads the body before. */
export const hookHandlers = handlers(HOOKS, {
  async 'hooks.deliver'({ runtime, params: { name }, request, header, clock }) {
    const type = header('content-type') ?? ''
    if (!JSON_TYPE.test(type)) throw unsupported(type)
    checkPacking(header('content-encoding'))
    if (request.bodyUsed) throw alreadyRead()
    const length = Number(header('content-length') ?? 0)
    const body = length > MAX_DELIVERY ? undefined : await bytesUpTo(request.body, MAX_DELIVERY, clock).catch(brokenOff)
    if (!body || body.byteLength > MAX_DELIVERY)
      throw new TerminalError(`The delivery is larger than ${MAX_DELIVERY} bytes.`, { code: 'too_large' })
    return runtime.hooks.deliver(name, { body, header })
  },
})

function brokenOff(cause: unknown): never {
  throw new InvalidError('The body broke off.', { cause })
}
